<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

/**
 * Why each participant is in a course.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

require('../../config.php');

$id = required_param('id', PARAM_INT);
$search = optional_param('search', '', PARAM_RAW_TRIMMED);
$page = max(0, optional_param('page', 0, PARAM_INT));

$course = get_course($id);
require_login($course);
$context = context_course::instance($id);
require_capability('local/greffe:viewreasons', $context);

$title = get_string('reasons', 'local_greffe');
$PAGE->set_url('/local/greffe/course.php', ['id' => $id]);
$PAGE->set_pagelayout('incourse');
$PAGE->set_title(format_string($course->shortname, true, ['context' => $context]) . ': ' . $title);
$PAGE->set_heading(format_string($course->fullname, true, ['context' => $context]));

$output = $PAGE->get_renderer('local_greffe');
echo $output->header();
echo $output->heading($title);
echo $output->page(new \local_greffe\output\course_page($course, $search, $page));
echo $output->footer();
