<?php
// Somebody at work in a living Moodle: enrols, suspends, unenrols, re-roles and groups people through Moodle's own API
// until the stop file is there. Standard input: what to work on; standard output: what was done, and how it should stand.
define('CLI_SCRIPT', true);
require(getenv('GREFFE_MOODLE_ROOT') . '/config.php');
require_once($CFG->dirroot . '/group/lib.php');
require_once($CFG->libdir . '/enrollib.php');

\core\cron::setup_user();
$work = json_decode(stream_get_contents(STDIN), true, 16, JSON_THROW_ON_ERROR);
mt_srand($work['seed']);
$manual = enrol_get_plugin('manual');
$database = enrol_get_plugin('database');
$student = (int) $DB->get_field('role', 'id', ['shortname' => 'student'], MUST_EXIST);
$teacher = (int) $DB->get_field('role', 'id', ['shortname' => 'teacher'], MUST_EXIST);
$places = [];
foreach ($work['courses'] as $course) {
    $places[$course] = (object) [
        'manual' => $DB->get_record('enrol', ['courseid' => $course, 'enrol' => 'manual'], '*', MUST_EXIST),
        'context' => context_course::instance($course),
    ];
}
$state = [];     // "course user" => [status, role] of the manual enrolment, null once it is gone
$suspended = []; // ids of enrolments of the method database that were suspended by hand
$counts = [];
$longest = 0.0;
$slowest = '';
$errors = [];
$collisions = []; // the night wrote the very same membership at the same moment

/** Does one thing and notes how long it took. */
$do = function (string $what, callable $work, array $membership = []) use (&$counts, &$longest, &$slowest, &$errors, &$collisions) {
    $began = microtime(true);
    try {
        $work();
    } catch (Throwable $e) {
        $said = $what . ': ' . $e->getMessage() . ' ' . ($e->debuginfo ?? '');
        // groups_add_member looks, then inserts: of two who add the same person to the same group, Moodle fails the second
        if ($membership && str_contains($said, 'groumemb_usegro')) {
            $collisions[] = $membership;
        } else {
            $errors[] = $said;
        }
    }
    $took = microtime(true) - $began;
    $counts[$what] = ($counts[$what] ?? 0) + 1;
    if ($took > $longest) {
        [$longest, $slowest] = [$took, $what];
    }
};

echo "ready\n";
while (!file_exists($work['stop'])) {
    $course = $work['courses'][mt_rand(0, count($work['courses']) - 1)];
    $user = $work['people'][mt_rand(0, count($work['people']) - 1)];
    $place = $places[$course];
    $key = "$course $user";
    $now = $state[$key] ?? null;
    switch (mt_rand(0, 5)) {
        case 0:
        case 1:
            if (!$now) {
                $do('enrol', fn() => $manual->enrol_user($place->manual, $user, $student));
                $state[$key] = [0, $student];
            }
            break;
        case 2:
            if ($now) {
                $status = 1 - $now[0];
                $do('suspend or activate', fn() => $manual->update_user_enrol($place->manual, $user, $status));
                $state[$key] = [$status, $now[1]];
            }
            break;
        case 3:
            if ($now && mt_rand(0, 1)) {
                $do('unenrol', fn() => $manual->unenrol_user($place->manual, $user));
                // Moodle leaves it to whoever has another enrolment in the course, which the night may just have made
                $do('role', fn() => role_unassign($now[1], $user, $place->context->id));
                $state[$key] = null;
            }
            break;
        case 4:
            if ($now) {
                $role = $now[1] === $student ? $teacher : $student;
                $do('re-role', function () use ($now, $role, $user, $place) {
                    role_unassign($now[1], $user, $place->context->id);
                    role_assign($role, $user, $place->context->id);
                });
                $state[$key] = [$now[0], $role];
            }
            break;
        case 5:
            if ($now && ($group = groups_get_group_by_name($course, $work['group']))) {
                $do('group', fn() => groups_add_member($group, $user), [(int) $group, $user]);
            } else if ($rows = $DB->get_records_sql(
                'SELECT ue.* FROM {user_enrolments} ue JOIN {enrol} e ON e.id = ue.enrolid
                  WHERE e.courseid = ? AND e.enrol = ? AND ue.userid = ? AND ue.status = 0',
                [$course, 'database', $user]
            )) {
                $row = reset($rows);
                $instance = $DB->get_record('enrol', ['id' => $row->enrolid], '*', MUST_EXIST);
                $do('suspend one of the night', fn() => $database->update_user_enrol($instance, $user, ENROL_USER_SUSPENDED));
                $suspended[] = (int) $row->id;
            }
    }
}
echo json_encode(compact('state', 'suspended', 'counts', 'longest', 'slowest', 'errors', 'collisions'), JSON_THROW_ON_ERROR), "\n";
