<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

/**
 * What Moodle asks every plugin: checks, and places in the navigation.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

use local_greffe\check\base;
use local_greffe\health\register;

/**
 * The checks of the register for report/status and admin/cli/checks.php.
 *
 * @return \core\check\check[]
 */
function local_greffe_status_checks(): array {
    return base::all(new register());
}

/**
 * In a course: why each participant is there.
 *
 * @param navigation_node $navigation the course's own node
 * @param stdClass $course the course
 * @param context $context its context
 */
function local_greffe_extend_navigation_course(navigation_node $navigation, stdClass $course, context $context): void {
    if ((int) $course->id !== (int) SITEID && has_capability('local/greffe:viewreasons', $context)) {
        $navigation->add(
            get_string('reasons', 'local_greffe'),
            new moodle_url('/local/greffe/course.php', ['id' => $course->id]),
            navigation_node::TYPE_SETTING,
            null,
            'local_greffe_reasons',
            new pix_icon('i/users', '')
        );
    }
}
