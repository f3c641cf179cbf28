<?php
// What people do by day, through Moodle's own API: a JSON list of steps on standard input.
define('CLI_SCRIPT', true);
require(getenv('GREFFE_MOODLE_ROOT') . '/config.php');
require_once($CFG->dirroot . '/course/lib.php');
require_once($CFG->dirroot . '/group/lib.php');
require_once($CFG->libdir . '/enrollib.php');

\core\cron::setup_user();

/** The course of a step. */
function course_of(array $step): stdClass {
    global $DB;
    return $DB->get_record('course', ['idnumber' => $step['course']], '*', MUST_EXIST);
}

/** The id of the person of a step. */
function person_of(array $step): int {
    global $DB;
    return (int) $DB->get_field('user', 'id', ['idnumber' => $step['person']], MUST_EXIST);
}

/** The first instance of the step's method in its course. */
function instance_of(array $step): stdClass {
    global $DB;
    $found = $DB->get_records('enrol', ['courseid' => course_of($step)->id, 'enrol' => $step['method']], 'id', '*', 0, 1);
    return reset($found);
}

$steps = [
    'Course' => fn($step) => create_course((object) [
        'category' => 1,
        'fullname' => $step['idnumber'],
        'shortname' => $step['idnumber'],
        'idnumber' => $step['idnumber'],
        'visible' => (int) $step['visible'],
    ]),
    'Enrol' => fn($step) => enrol_get_plugin($step['method'])->enrol_user(
        instance_of($step),
        person_of($step),
        $DB->get_field('role', 'id', ['shortname' => $step['role']], MUST_EXIST),
    ),
    'SuspendByHand' => fn($step) => enrol_get_plugin($step['method'])->update_user_enrol(
        instance_of($step),
        person_of($step),
        ENROL_USER_SUSPENDED,
    ),
    'JoinGroup' => function ($step) {
        $course = course_of($step);
        $group = groups_get_group_by_name($course->id, $step['group'])
            ?: groups_create_group((object) ['courseid' => $course->id, 'name' => $step['group']]);
        groups_add_member($group, person_of($step)) || throw new Exception('not added to ' . $step['group']);
    },
    'Visit' => fn($step) => $DB->insert_record('user_lastaccess', [
        'userid' => person_of($step),
        'courseid' => course_of($step)->id,
        'timeaccess' => time(),
    ]),
];

foreach (json_decode(stream_get_contents(STDIN), true, 16, JSON_THROW_ON_ERROR) as $step) {
    $steps[$step['step']]($step);
}
