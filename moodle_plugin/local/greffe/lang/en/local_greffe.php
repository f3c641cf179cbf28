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
$string['relay'] = 'Relay';
$string['relay_all'] = 'Tell Moodle: events, observers, caches';
$string['relay_cache'] = 'Only drop caches';
$string['relay_desc'] = 'The register is written straight into the database. Afterwards the relay does what Moodle itself would have done: it fires the events, so that forum subscriptions, badges, logs and other plugins follow, and drops the caches. It runs each minute.';
$string['relay_none'] = 'Nothing';
$string['relaycohorts'] = 'Cohorts';
$string['relaycohorts_desc'] = 'Cohorts that were made, changed or deleted, and who joined or left them.';
$string['relaycommunication'] = 'Communication rooms';
$string['relaycommunication_desc'] = 'Whether people join and leave the rooms of courses and groups, where the site has such rooms.';
$string['relayenrolments'] = 'Enrolments';
$string['relayenrolments_desc'] = 'Who was enrolled, suspended, activated or unenrolled.';
$string['relaygroups'] = 'Groups';
$string['relaygroups_desc'] = 'Groups that were made, and who joined or left them. Without it, activities that are restricted to groups go by what was true before, until Moodle’s caches are purged.';
$string['relaymethods'] = 'Enrolment methods';
$string['relaymethods_desc'] = 'Methods that were added to a course, changed, switched on or off, or deleted.';
$string['relayroles'] = 'Roles';
$string['relayroles_desc'] = 'Roles that were given or taken away. Subscriptions to forums hang on them.';
$string['relayseconds'] = 'Time for one run';
$string['relayseconds_desc'] = 'When it is over, the rest waits for the next minute.';
$string['relaywelcome'] = 'Welcome messages';
$string['relaywelcome_desc'] = 'Whether people get the welcome message of the course, where the enrolment method sends one. A night that enrols thousands would send thousands.';
$string['task:sendmessage'] = 'Send a message to participants';
$string['taskrelay'] = 'Tell Moodle what the register changed';
