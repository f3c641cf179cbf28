<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

/**
 * People who wait for an account.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

require('../../config.php');
require_once($CFG->libdir . '/adminlib.php');

$feed = optional_param('feed', '', PARAM_RAW_TRIMMED);
$after = max(0, optional_param('after', 0, PARAM_INT));

navigation_node::override_active_url(new moodle_url('/local/greffe/index.php'));
admin_externalpage_setup('local_greffe_health', '', null, new moodle_url('/local/greffe/waiting.php', ['feed' => $feed]));
$title = get_string('waiting', 'local_greffe');
$PAGE->set_title($title);
$PAGE->navbar->add($title);

$output = $PAGE->get_renderer('local_greffe');
echo $output->header();
echo $output->heading($title);
echo $output->page(new \local_greffe\output\waiting_page($feed, $after));
echo $output->footer();
