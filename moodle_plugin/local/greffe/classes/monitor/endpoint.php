<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\monitor;

use local_greffe\health\register;

/**
 * What monitor.php answers.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class endpoint {
    /** Type of the text format of Prometheus. */
    private const TEXT = 'text/plain; version=0.0.4; charset=utf-8';

    /**
     * Send status, headers and body.
     *
     * @param string $authorization the header with the token
     * @param mixed $format json or prometheus, or whatever else was sent
     */
    public function answer(string $authorization, mixed $format): void {
        $status = gate::status($authorization);
        $known = in_array($format, ['json', 'prometheus'], true);
        if ($status === 200 && !$known) {
            $status = 400;
        }
        $body = '';
        if ($status === 200) {
            try {
                $register = new register();
                $body = $format === 'json' ? self::json($register) : self::text($register);
            } catch (\Throwable $e) {
                // The log of the server has it; whoever monitors needs no more than that it is so.
                error_log('local_greffe: ' . $e->getMessage());
                $status = 503;
            }
        }
        http_response_code($status);
        header('Content-Type: ' . ($status !== 200 || $format === 'prometheus' ? self::TEXT : 'application/json; charset=utf-8'));
        header('Cache-Control: no-store');
        header('X-Content-Type-Options: nosniff');
        echo $status === 200 ? $body : self::said($status);
    }

    /**
     * As JSON.
     *
     * @param register $register what it tells of
     * @return string
     */
    private static function json(register $register): string {
        return json_encode(document::of($register), JSON_PRETTY_PRINT | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE) . "\n";
    }

    /**
     * In the text format of Prometheus.
     *
     * @param register $register what it tells of
     * @return string
     */
    private static function text(register $register): string {
        return implode('', array_map(fn($metric) => $metric->text(), metrics::of($register)));
    }

    /**
     * What a refusal says.
     *
     * @param int $status its number
     * @return string
     */
    private static function said(int $status): string {
        return [
            400 => "format is json or prometheus\n",
            403 => "not allowed\n",
            404 => "not found\n",
            503 => "the register cannot be read\n",
        ][$status];
    }
}
