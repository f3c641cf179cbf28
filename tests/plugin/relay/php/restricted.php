<?php
// What one person sees of a course whose pages are each restricted to a group, in a process of its own: names of the pages that
// he may open, as JSON. "make" as first argument makes them.
define('CLI_SCRIPT', true);
require(getenv('GREFFE_MOODLE_ROOT') . '/config.php');
require_once($CFG->dirroot . '/lib/phpunit/classes/util.php');

[, $what, $course, $person] = $argv;
$course = $DB->get_record('course', ['shortname' => $course], '*', MUST_EXIST);
if ($what === 'make') {
    \core\cron::setup_user();
    foreach ($DB->get_records('groups', ['courseid' => $course->id]) as $group) {
        $only = ['op' => '&', 'c' => [['type' => 'group', 'id' => (int) $group->id]], 'showc' => [true]];
        phpunit_util::get_data_generator()->create_module('page', [
            'course' => $course->id,
            'name' => "for $group->name",
            'availability' => json_encode($only),
        ]);
    }
}
$user = $DB->get_record('user', ['idnumber' => $person], '*', MUST_EXIST);
$pages = array_filter(get_fast_modinfo($course, $user->id)->get_instances_of('page'), fn($page) => $page->uservisible);
echo json_encode(array_values(array_map(fn($page) => $page->name, $pages)));
