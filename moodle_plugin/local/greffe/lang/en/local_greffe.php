<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

/**
 * Texts in English.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

$string['greffe:sendmessage'] = 'Be the sender of messages to the participants of a course';
$string['greffe:viewhealth'] = 'See the health of the register';
$string['greffe:viewreasons'] = 'See why each participant is in the course';
$string['message:maynot'] = 'The sender may not write to the participants of this course.';
$string['message:nocourse'] = 'The course is gone.';
$string['message:nosender'] = 'The sender’s account is gone or suspended.';
$string['messageprovider:coursemessage'] = 'Messages to the participants of a course';
$string['pluginname'] = 'Greffe';
$string['task:sendmessage'] = 'Send a message to participants';
