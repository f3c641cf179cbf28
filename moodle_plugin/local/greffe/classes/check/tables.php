<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\check;

use core\check\result;
use local_greffe\schema;

/**
 * Do the engine and this plugin speak of the same tables?
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class tables extends base {
    #[\Override]
    protected function look(): result {
        $schema = $this->register->schema();
        $night = $this->register->night();
        $a = (object) [
            'schema' => $schema,
            'known' => schema::VERSION,
            'engine' => $night->version ?? '',
            'plugin' => \core_plugin_manager::instance()->get_plugin_info('local_greffe')->release ?? '',
        ];
        if ($schema === '') {
            return $this->answer(result::NA, 'tables:unused');
        }
        if ($schema !== schema::VERSION) {
            return $this->answer(result::ERROR, 'tables:schema', $a);
        }
        if ($night && self::generation($a->engine) !== self::generation($a->plugin)) {
            return $this->answer(result::WARNING, 'tables:release', $a);
        }
        return $this->answer(result::OK, 'tables:same', $a);
    }

    /**
     * What two releases that belong together share: all but the last number and what follows it.
     *
     * @param string $release 0.1.0, 1.2.3.dev4
     * @return string
     */
    private static function generation(string $release): string {
        return preg_match('/^\d+\.\d+/', $release, $found) ? $found[0] : $release;
    }
}
