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

$string['adoptcount'] = 'Table {$a->table} has {$a->ours} rows, and the one that was set aside {$a->theirs}. Nothing is lost: look at both, then run the upgrade again.';
$string['adoptschema'] = 'The tables that were set aside are of schema {$a->theirs}; this plugin knows schema {$a->ours}. Install the plugin that belongs to the Greffe that made them.';
$string['adoptunreadable'] = 'Moodle’s database account may not read {$a}, which was set aside for it. Let its owner grant SELECT on it, then run the upgrade again.';
$string['greffe:sendmessage'] = 'Be the sender of messages to the participants of a course';
$string['greffe:viewhealth'] = 'See the health of the register';
$string['greffe:viewreasons'] = 'See why each participant is in the course';
$string['message:maynot'] = 'The sender may not write to the participants of this course.';
$string['message:nocourse'] = 'The course is gone.';
$string['message:nosender'] = 'The sender’s account is gone or suspended.';
$string['messageprovider:coursemessage'] = 'Messages to the participants of a course';
$string['pluginname'] = 'Greffe';
$string['privacy:changes'] = 'Changes';
$string['privacy:messages'] = 'Messages';
$string['privacy:metadata:change'] = 'The journal of what was changed from the university’s registrations: who was enrolled, given a role, put into a group or cohort, or taken out, and why.';
$string['privacy:metadata:change:action'] = 'What was done';
$string['privacy:metadata:change:cohortid'] = 'The cohort';
$string['privacy:metadata:change:courseid'] = 'The course';
$string['privacy:metadata:change:feed'] = 'The extract that named the person';
$string['privacy:metadata:change:groupid'] = 'The group';
$string['privacy:metadata:change:line'] = 'The line of that extract';
$string['privacy:metadata:change:newrow'] = 'Moodle’s row after the change';
$string['privacy:metadata:change:oldrow'] = 'Moodle’s row before the change, from which it can be taken back';
$string['privacy:metadata:change:reason'] = 'Why it was done';
$string['privacy:metadata:change:roleid'] = 'The role';
$string['privacy:metadata:change:timecreated'] = 'When it was done';
$string['privacy:metadata:change:userid'] = 'The person';
$string['privacy:metadata:message'] = 'Messages to participants of a course, queued in somebody’s name.';
$string['privacy:metadata:message:body'] = 'The text';
$string['privacy:metadata:message:courseid'] = 'The course';
$string['privacy:metadata:message:failures'] = 'Who could not be reached';
$string['privacy:metadata:message:recipients'] = 'Who is written to';
$string['privacy:metadata:message:subject'] = 'The subject';
$string['privacy:metadata:message:timecreated'] = 'When it was queued';
$string['privacy:metadata:message:userid'] = 'The sender';
$string['privacy:metadata:waiting'] = 'Places that wait for people whom the university has registered and who have no account yet.';
$string['privacy:metadata:waiting:cohort'] = 'The cohort';
$string['privacy:metadata:waiting:courseid'] = 'The course';
$string['privacy:metadata:waiting:feed'] = 'The extract that names the person';
$string['privacy:metadata:waiting:groupname'] = 'The group';
$string['privacy:metadata:waiting:line'] = 'The line of that extract';
$string['privacy:metadata:waiting:person'] = 'The person’s number, username or address';
$string['privacy:metadata:waiting:roleid'] = 'The role';
$string['privacy:metadata:waiting:timeend'] = 'Until when';
$string['privacy:metadata:waiting:timestart'] = 'From when';
$string['privacy:waiting'] = 'Waiting for an account';
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
$string['setting:arrivals'] = 'People who arrive';
$string['setting:arrivals_desc'] = 'People whom the university has registered before they had an account wait in a list, which each night makes anew.';
$string['setting:arrivalsenabled'] = 'Enrol as soon as the account appears';
$string['setting:arrivalsenabled_desc'] = 'The moment an account is created, changed or used that somebody in the list was waiting for, that person is enrolled and put into groups and cohorts. Off: on the following night.';
$string['setting:arrivalsmaxage'] = 'Oldest list';
$string['setting:arrivalsmaxage_desc'] = 'A list whose last good night is longer ago enrols nobody any more: the registrations may have changed since.';
$string['task:arrivals'] = 'Enrol people whose account has appeared';
$string['task:sendmessage'] = 'Send a message to participants';
$string['taskrelay'] = 'Tell Moodle what the register changed';
