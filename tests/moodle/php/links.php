<?php
// Method instances through Moodle's own API (enrol/cohort, enrol/meta): a JSON list of steps on standard input.
define('CLI_SCRIPT', true);
require(getenv('GREFFE_MOODLE_ROOT') . '/config.php');
require_once($CFG->dirroot . '/group/lib.php');
require_once($CFG->dirroot . '/enrol/cohort/locallib.php');
require_once($CFG->dirroot . '/enrol/meta/locallib.php');

\core\cron::setup_user();

/** The course of a step. */
function course_of(string $name): stdClass {
    global $DB;
    return $DB->get_record('course', ['idnumber' => $name], '*', MUST_EXIST);
}

/** The id of what a step follows. */
function source_of(array $step): int {
    global $DB;
    $table = $step['method'] === 'cohort' ? 'cohort' : 'course';
    return $DB->get_field($table, 'id', ['idnumber' => $step['source']], MUST_EXIST);
}

/** The instance of a step. */
function instance_of(array $step): stdClass {
    global $DB;
    return $DB->get_record('enrol', ['enrol' => $step['method'], 'courseid' => course_of($step['course'])->id,
        'customint1' => source_of($step)], '*', MUST_EXIST);
}

/** What a form would send of a step. */
function fields_of(array $step): array {
    global $DB;
    $fields = [];
    if (isset($step['role'])) {
        $fields['roleid'] = $DB->get_field('role', 'id', ['shortname' => $step['role']], MUST_EXIST);
    }
    if (isset($step['group'])) {
        $course = course_of($step['course']);
        $group = $step['group'] === '' ? 0 : groups_get_group_by_name($course->id, $step['group']);
        if ($group === false) {
            $group = groups_create_group((object) ['courseid' => $course->id, 'name' => $step['group']]);
        }
        $fields['customint2'] = $group;
    }
    return $fields;
}

$steps = [
    'add' => fn($step) => enrol_get_plugin($step['method'])->add_instance(course_of($step['course']),
        fields_of($step) + ['status' => ENROL_INSTANCE_ENABLED, 'customint1' => source_of($step), 'customint2' => 0]),
    'update' => function ($step) {
        $instance = instance_of($step);
        // the form sends what it does not change as well
        $data = fields_of($step) + ['roleid' => $instance->roleid, 'customint2' => $instance->customint2];
        enrol_get_plugin($step['method'])->update_instance($instance, (object) $data);
    },
    'status' => function ($step) {
        enrol_get_plugin($step['method'])->update_status(instance_of($step), $step['status']);
        context_course::instance(course_of($step['course'])->id)->mark_dirty();
    },
    'delete' => fn($step) => enrol_get_plugin($step['method'])->delete_instance(instance_of($step)),
];

foreach (json_decode(stream_get_contents(STDIN), true, 16, JSON_THROW_ON_ERROR) as $step) {
    $steps[$step['step']]($step);
}
