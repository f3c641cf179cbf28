<?php
// Courses full of people as the JSON on stdin says, by Moodle's own functions where they let anything be so.
define('CLI_SCRIPT', true);
require(getenv('GREFFE_MOODLE_ROOT') . '/config.php');
require_once($CFG->dirroot . '/course/lib.php');
require_once($CFG->dirroot . '/group/lib.php');
\core\cron::setup_user();

$given = json_decode(file_get_contents('php://stdin'), true);
$roles = $DB->get_records_menu('role', null, '', 'shortname, id');
$people = $DB->get_records_menu('user', null, '', 'username, id');
$category = core_course_category::create(['name' => 'Prepared']);
foreach ($given['roles'] as $role) {
    $role += ['name' => '', 'id' => create_role($role['name'], $role['shortname'], '')];
    $roles[$role['shortname']] = $role['id'];
}
foreach ($given['held'] as [$who, $role, $where]) {
    $context = $where === 'system' ? context_system::instance() : context_coursecat::instance($category->id);
    role_assign($roles[$role], $people[$who], $context->id);
}
$made = [];
foreach ($given['courses'] as $wanted) {
    $course = create_course((object) ['shortname' => $wanted['shortname'], 'fullname' => $wanted['fullname'], 'category' => $category->id]);
    $made[$wanted['shortname']] = (int) $course->id;
    $context = context_course::instance($course->id);
    foreach ($wanted['aliases'] as $role => $name) {
        $DB->insert_record('role_names', ['roleid' => $roles[$role], 'contextid' => $context->id, 'name' => $name]);
    }
    $DB->set_field('enrol', 'customint1', 0, ['courseid' => $course->id, 'enrol' => 'manual']); // Nobody is welcomed by mail.
    $methods = ['manual' => $DB->get_record('enrol', ['courseid' => $course->id, 'enrol' => 'manual'], '*', MUST_EXIST)];
    foreach ($wanted['methods'] as $key => $method) {
        if (isset($method['role'])) {
            $method['roleid'] = $roles[$method['role']];
        }
        if (isset($method['cohort'])) {
            $method['customint1'] = $DB->get_field('cohort', 'id', ['idnumber' => $method['cohort']]);
        }
        if (isset($method['parent'])) {
            $method['customint1'] = $made[$method['parent']] ?? 999999;
        }
        unset($method['role'], $method['cohort'], $method['parent']);
        $id = $DB->insert_record('enrol', $method + ['courseid' => $course->id, 'status' => 0, 'sortorder' => 10 + count($methods)]);
        $methods[$key] = $DB->get_record('enrol', ['id' => $id]);
    }
    $groups = [];
    foreach ($wanted['groups'] as $name => $visibility) {
        $group = ['courseid' => $course->id, 'name' => $name, 'visibility' => $visibility, 'participation' => (int) ($visibility < 2)];
        $groups[$name] = groups_create_group((object) $group);
    }
    foreach ($wanted['people'] as $one) {
        $who = $people[$one['who']];
        foreach ($one['by'] as [$method, $status, $start, $end]) {
            if ($one['raw'] ?? false) {
                $DB->insert_record('user_enrolments', ['enrolid' => $methods[$method]->id, 'userid' => $who, 'status' => $status,
                    'timestart' => $start, 'timeend' => $end, 'timecreated' => time(), 'timemodified' => time()]);
            } else {
                enrol_get_plugin($methods[$method]->enrol)->enrol_user($methods[$method], $who, null, $start, $end, $status);
            }
        }
        foreach ($one['roles'] ?? [] as $role) {
            role_assign($roles[$role], $who, $context->id);
        }
        foreach ($one['groups'] ?? [] as $name) {
            groups_add_member($groups[$name], $who);
        }
        if ($one['access'] ?? 0) {
            $DB->insert_record('user_lastaccess', ['userid' => $who, 'courseid' => $course->id, 'timeaccess' => $one['access']]);
        }
    }
}
echo json_encode($made);
