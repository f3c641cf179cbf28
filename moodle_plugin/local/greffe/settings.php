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
        \local_greffe\health\settings::add($settings);
        \local_greffe\arrival\settings::add($settings);
        \local_greffe\relay\settings::add($settings);
        \local_greffe\monitor\settings::add($settings);
    }
}
