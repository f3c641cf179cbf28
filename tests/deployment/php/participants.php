<?php
// Who takes part in the courses that are named, as the participants page lists them: JSON, idnumber of the course to
// idnumber of the person to the roles, and whether Moodle lets them in.
define('CLI_SCRIPT', true);
require(getenv('GREFFE_MOODLE_ROOT') . '/config.php');
\core\cron::setup_user();

$found = [];
foreach (array_slice($argv, 1) as $idnumber) {
    $course = $DB->get_record('course', ['idnumber' => $idnumber], '*', MUST_EXIST);
    $context = context_course::instance($course->id);
    $filters = new \core_user\table\participants_filterset();
    $filters->add_filter(new \core_table\local\filter\integer_filter('courseid', null, [(int) $course->id]));
    $listed = (new \core_user\table\participants_search($course, $context, $filters))->get_participants();
    $found[$idnumber] = [];
    foreach ($listed as $one) {
        $found[$idnumber][$DB->get_field('user', 'idnumber', ['id' => $one->id])] = [
            'roles' => array_values(array_column(get_user_roles($context, $one->id, false), 'shortname')),
            'active' => is_enrolled($context, $one->id, '', true),
        ];
    }
    $listed->close();
}
echo json_encode($found);
