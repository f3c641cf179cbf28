<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\arrival;

use admin_setting_configcheckbox;
use admin_setting_configduration;
use admin_setting_heading;
use admin_settingpage;
use lang_string;

/**
 * What a site can choose about people who arrive.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class settings {
    /** @var int how old the last good night of a feed may be, in seconds, where nothing else is set */
    public const MAXAGE = WEEKSECS;

    /**
     * Add the settings to the plugin's page.
     *
     * @param admin_settingpage $page
     */
    public static function add(admin_settingpage $page): void {
        $page->add(new admin_setting_heading(
            'local_greffe/arrivals',
            new lang_string('setting:arrivals', 'local_greffe'),
            new lang_string('setting:arrivals_desc', 'local_greffe')
        ));
        $page->add(new admin_setting_configcheckbox(
            'local_greffe/arrivalsenabled',
            new lang_string('setting:arrivalsenabled', 'local_greffe'),
            new lang_string('setting:arrivalsenabled_desc', 'local_greffe'),
            1
        ));
        $page->add(new admin_setting_configcheckbox(
            'local_greffe/arrivalstrust',
            new lang_string('setting:arrivalstrust', 'local_greffe'),
            new lang_string('setting:arrivalstrust_desc', 'local_greffe'),
            0
        ));
        $page->add(new admin_setting_configduration(
            'local_greffe/arrivalsmaxage',
            new lang_string('setting:arrivalsmaxage', 'local_greffe'),
            new lang_string('setting:arrivalsmaxage_desc', 'local_greffe'),
            self::MAXAGE,
            DAYSECS
        ));
    }
}
