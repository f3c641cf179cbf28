<?php
// Cohorts through Moodle's own API (cohort/lib.php): a JSON list of steps on standard input.
define('CLI_SCRIPT', true);
require(getenv('GREFFE_MOODLE_ROOT') . '/config.php');
require_once($CFG->dirroot . '/cohort/lib.php');

\core\cron::setup_user();

/** The context of a step: the whole site's, or a category's. */
function place_of(array $step): int {
    global $DB;
    if (empty($step['category'])) {
        return context_system::instance()->id;
    }
    $id = $DB->get_field('course_categories', 'id', ['idnumber' => $step['category']], MUST_EXIST);
    return context_coursecat::instance($id)->id;
}

/** The cohort of a step. */
function cohort_of(array $step): stdClass {
    global $DB;
    return $DB->get_record('cohort', ['idnumber' => $step['cohort']], '*', MUST_EXIST);
}

/** The ids of the people of a step, ascending. */
function people_of(array $step): array {
    global $DB;
    [$in, $params] = $DB->get_in_or_equal($step['people']);
    return $DB->get_fieldset_select('user', 'id', "idnumber $in ORDER BY id", $params);
}

$steps = [
    'category' => fn($step) => core_course_category::create(['name' => $step['name'], 'idnumber' => $step['name']]),
    'create' => fn($step) => cohort_add_cohort((object) ([
        'contextid' => place_of($step),
        'name' => $step['name'],
        'idnumber' => $step['cohort'],
        'visible' => $step['visible'],
        'component' => $step['component'],
    ] + (isset($step['description']) ? ['description' => $step['description'], 'descriptionformat' => FORMAT_HTML] : []))),
    'update' => function ($step) {
        $cohort = cohort_of($step);
        $cohort->contextid = place_of($step);
        $cohort->name = $step['name'];
        $cohort->visible = $step['visible'];
        cohort_update_cohort($cohort);
    },
    'join' => function ($step) {
        foreach (people_of($step) as $user) {
            cohort_add_member(cohort_of($step)->id, $user);
        }
    },
    'leave' => function ($step) {
        foreach (people_of($step) as $user) {
            cohort_remove_member(cohort_of($step)->id, $user);
        }
    },
    'delete' => fn($step) => cohort_delete_cohort(cohort_of($step)),
    'wait' => fn($step) => sleep(1),
];

foreach (json_decode(stream_get_contents(STDIN), true, 16, JSON_THROW_ON_ERROR) as $step) {
    $steps[$step['step']]($step);
}
