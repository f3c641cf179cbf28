<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

/**
 * One run and its changes.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

require('../../config.php');
require_once($CFG->libdir . '/adminlib.php');

$id = required_param('id', PARAM_INT);
$course = trim(optional_param('course', '', PARAM_RAW_TRIMMED));
$person = trim(optional_param('person', '', PARAM_RAW_TRIMMED));
$after = max(0, optional_param('after', 0, PARAM_INT));

navigation_node::override_active_url(new moodle_url('/local/greffe/index.php'));
admin_externalpage_setup('local_greffe_health', '', null, new moodle_url('/local/greffe/run.php', ['id' => $id]));
$run = \local_greffe\health\runs::get($id);
if (!$run) {
    throw new moodle_exception('norunnumber', 'local_greffe', new moodle_url('/local/greffe/index.php'), $id);
}
$title = get_string('runnumber', 'local_greffe', $id);
$PAGE->set_title($title);
$PAGE->navbar->add($title);

$output = $PAGE->get_renderer('local_greffe');
echo $output->header();
echo $output->heading($title);
echo $output->page(new \local_greffe\output\run_page($run, $course, $person, $after, time()));
echo $output->footer();
