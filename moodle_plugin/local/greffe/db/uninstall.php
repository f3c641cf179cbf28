<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

/**
 * What an uninstallation does before Moodle drops the tables.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

/**
 * Give cohorts back to hand care: Moodle's pages lock those that carry a component.
 *
 * @return bool
 */
function xmldb_local_greffe_uninstall() {
    global $DB;

    $DB->set_field('cohort', 'component', '', ['component' => 'local_greffe']);
    return true;
}
