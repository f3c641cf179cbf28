<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\relay;

use admin_setting_configduration;
use admin_setting_configselect;
use admin_setting_heading;
use admin_settingpage;
use lang_string;

/**
 * The relay's part of the settings.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class settings {
    /** How long one run may take, in seconds. */
    public const SECONDS = 50;

    /**
     * Add them to the page.
     *
     * @param admin_settingpage $page the page
     */
    public static function add(admin_settingpage $page): void {
        $page->add(new admin_setting_heading('local_greffe/relay', self::text('relay'), self::text('relay_desc')));
        $all = [
            choices::ALL => self::text('relay_all'),
            choices::CACHE => self::text('relay_cache'),
            choices::NONE => self::text('relay_none'),
        ];
        foreach (choices::FAMILIES as $family) {
            $page->add(self::choice("relay$family", choices::ALL, $all));
        }
        $switch = [choices::ALL => new lang_string('yes'), choices::NONE => new lang_string('no')];
        $page->add(self::choice('relaywelcome', choices::NONE, $switch));
        $page->add(self::choice('relaycommunication', choices::ALL, $switch));
        $page->add(new admin_setting_configduration(
            'local_greffe/relayseconds',
            self::text('relayseconds'),
            self::text('relayseconds_desc'),
            self::SECONDS,
            1
        ));
    }

    /**
     * A setting that is chosen from a list.
     *
     * @param string $name its name
     * @param string $default what it is at first
     * @param array $options value → text
     * @return admin_setting_configselect
     */
    private static function choice(string $name, string $default, array $options): admin_setting_configselect {
        return new admin_setting_configselect(
            "local_greffe/$name",
            self::text($name),
            self::text("{$name}_desc"),
            $default,
            $options
        );
    }

    /**
     * A text of the plugin.
     *
     * @param string $name its name
     * @return lang_string
     */
    private static function text(string $name): lang_string {
        return new lang_string($name, 'local_greffe');
    }
}
