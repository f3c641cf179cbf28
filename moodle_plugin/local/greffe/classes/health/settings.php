<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\health;

/**
 * When to worry: the limits of the checks.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class settings {
    /** Limit => its value where nothing is set: hours, hours, minutes. */
    private const LIMITS = ['nighthours' => 26, 'feedhours' => 48, 'relayminutes' => 60];

    /**
     * A limit as the site has it.
     *
     * @param string $name nighthours, feedhours, relayminutes
     * @return int
     */
    public static function limit(string $name): int {
        return (int) (get_config('local_greffe', $name) ?: self::LIMITS[$name]);
    }

    /**
     * Put them on the plugin's page.
     *
     * @param \admin_settingpage $page the page
     */
    public static function add(\admin_settingpage $page): void {
        $page->add(new \admin_setting_heading(
            'local_greffe/checks',
            new \lang_string('setting:checks', 'local_greffe'),
            new \lang_string('setting:checks_desc', 'local_greffe')
        ));
        foreach (self::LIMITS as $name => $default) {
            $page->add(new \admin_setting_configtext(
                "local_greffe/$name",
                new \lang_string("setting:$name", 'local_greffe'),
                new \lang_string("setting:{$name}_desc", 'local_greffe'),
                $default,
                '/^[1-9][0-9]{0,5}$/',
                6
            ));
        }
    }
}
