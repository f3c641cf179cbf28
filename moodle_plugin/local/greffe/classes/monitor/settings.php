<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\monitor;

/**
 * The endpoint: whether it answers, and whom.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class settings {
    /**
     * Put them on the plugin's page.
     *
     * @param \admin_settingpage $page the page
     */
    public static function add(\admin_settingpage $page): void {
        $page->add(new \admin_setting_heading(
            'local_greffe/monitor',
            new \lang_string('setting:monitor', 'local_greffe'),
            new \lang_string(
                'setting:monitor_desc',
                'local_greffe',
                (new \moodle_url('/local/greffe/monitor.php', ['format' => 'prometheus']))->out(false)
            )
        ));
        $page->add(new \admin_setting_configcheckbox(
            'local_greffe/monitorenabled',
            new \lang_string('setting:monitorenabled', 'local_greffe'),
            new \lang_string('setting:monitorenabled_desc', 'local_greffe'),
            0
        ));
        $page->add(new \local_greffe\admin\setting_token(
            'local_greffe/monitortoken',
            new \lang_string('setting:monitortoken', 'local_greffe'),
            new \lang_string('setting:monitortoken_desc', 'local_greffe')
        ));
        $page->add(new \admin_setting_configiplist(
            'local_greffe/monitoraddresses',
            new \lang_string('setting:monitoraddresses', 'local_greffe'),
            new \lang_string('setting:monitoraddresses_desc', 'local_greffe'),
            ''
        ));
    }
}
