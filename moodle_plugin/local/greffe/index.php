<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

/**
 * The health of the register.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

require('../../config.php');
require_once($CFG->libdir . '/adminlib.php');

admin_externalpage_setup('local_greffe_health');
$PAGE->set_title(get_string('health', 'local_greffe'));

$output = $PAGE->get_renderer('local_greffe');
echo $output->header();
echo $output->heading(get_string('health', 'local_greffe'));
echo $output->page(new \local_greffe\output\health_page(new \local_greffe\health\register()));
echo $output->footer();
