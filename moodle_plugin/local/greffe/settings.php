<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

/**
 * The plugin's settings, and its health page among the reports.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

$ADMIN->add('reports', new admin_externalpage(
    'local_greffe_health',
    new lang_string('pluginname', 'local_greffe'),
    new moodle_url('/local/greffe/index.php'),
    'local/greffe:viewhealth'
));

if ($hassiteconfig) {
    $settings = new admin_settingpage('local_greffe', new lang_string('pluginname', 'local_greffe'));
    $ADMIN->add('localplugins', $settings);

    if ($ADMIN->fulltree) {
        $settings->add(new admin_setting_heading(
            'local_greffe/checks',
            new lang_string('setting:checks', 'local_greffe'),
            new lang_string('setting:checks_desc', 'local_greffe')
        ));
        foreach (['nighthours' => 26, 'feedhours' => 48, 'relayminutes' => 60] as $name => $default) {
            $settings->add(new admin_setting_configtext(
                "local_greffe/$name",
                new lang_string("setting:$name", 'local_greffe'),
                new lang_string("setting:{$name}_desc", 'local_greffe'),
                $default,
                '/^[1-9][0-9]{0,5}$/',
                6
            ));
        }

        $settings->add(new admin_setting_heading(
            'local_greffe/monitor',
            new lang_string('setting:monitor', 'local_greffe'),
            new lang_string(
                'setting:monitor_desc',
                'local_greffe',
                (new moodle_url('/local/greffe/monitor.php', ['format' => 'prometheus']))->out(false)
            )
        ));
        $settings->add(new admin_setting_configcheckbox(
            'local_greffe/monitorenabled',
            new lang_string('setting:monitorenabled', 'local_greffe'),
            new lang_string('setting:monitorenabled_desc', 'local_greffe'),
            0
        ));
        $settings->add(new \local_greffe\admin\setting_token(
            'local_greffe/monitortoken',
            new lang_string('setting:monitortoken', 'local_greffe'),
            new lang_string('setting:monitortoken_desc', 'local_greffe')
        ));
        $settings->add(new admin_setting_configiplist(
            'local_greffe/monitoraddresses',
            new lang_string('setting:monitoraddresses', 'local_greffe'),
            new lang_string('setting:monitoraddresses_desc', 'local_greffe'),
            ''
        ));
    }
}
