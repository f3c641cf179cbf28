<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\monitor;

/**
 * Who may ask the endpoint: whoever knows the token, from an address that is allowed.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class gate {
    /**
     * What is kept of a token. Tokens are long and random, so a plain hash cannot be turned back.
     *
     * @param string $token the token
     * @return string
     */
    public static function hash(string $token): string {
        return hash('sha256', $token);
    }

    /**
     * The status of the answer: 200 to let in, 403 to refuse, 404 where nobody is to know that there is a door.
     *
     * @param string $authorization the header of that name
     * @return int
     */
    public static function status(string $authorization): int {
        $config = get_config('local_greffe');
        $hash = (string) ($config->monitortoken ?? '');
        if (empty($config->monitorenabled) || $hash === '') {
            return 404;
        }
        $token = preg_match('/^Bearer +(\S.*)$/i', trim($authorization), $found) ? $found[1] : '';
        $known = hash_equals($hash, self::hash($token));
        $addresses = trim((string) ($config->monitoraddresses ?? ''));
        return $known && ($addresses === '' || self::is_on($addresses)) ? 200 : 403;
    }

    /**
     * Whether the visitor's address is on a list.
     *
     * Not by remoteip_in_list(), which lets in whose address it cannot read: a proxy may write "unknown" or a name of its own.
     *
     * @param string $addresses the list
     * @return bool
     */
    private static function is_on(string $addresses): bool {
        $address = getremoteaddr(null);
        return $address && \core\ip_utils::is_ip_in_subnet_list($address, $addresses);
    }

    /**
     * The header with the token, however the server hands it on.
     *
     * @return string
     */
    public static function authorization(): string {
        foreach (['HTTP_AUTHORIZATION', 'REDIRECT_HTTP_AUTHORIZATION'] as $name) {
            if (!empty($_SERVER[$name])) {
                return (string) $_SERVER[$name];
            }
        }
        $headers = function_exists('getallheaders') ? array_change_key_case(getallheaders()) : [];
        return (string) ($headers['authorization'] ?? '');
    }
}
