<?php
// What happens to one account, through Moodle's own API, and what the person then finds: orders on standard input as JSON,
// the answer as JSON on standard output.
define('CLI_SCRIPT', true);
require(getenv('GREFFE_MOODLE_ROOT') . '/config.php');
require_once($CFG->dirroot . '/user/lib.php');
require_once($CFG->dirroot . '/group/lib.php');

$order = json_decode(stream_get_contents(STDIN), true, 16, JSON_THROW_ON_ERROR);
$account = fn() => $DB->get_record('user', ['username' => $order['username']], '*', MUST_EXIST);
\core\cron::setup_user();
$began = microtime(true);
switch ($order['what']) {
    case 'create':
        $password = ['password' => 'Arrives-1234', 'mnethostid' => $CFG->mnet_localhost_id, 'confirmed' => 1];
        user_create_user(['username' => $order['username']] + $order['fields'] + $password, false, true);
        break;
    case 'create-in-transaction':
        $transaction = $DB->start_delegated_transaction();
        user_create_user(
            ['username' => $order['username'], 'mnethostid' => $CFG->mnet_localhost_id, 'confirmed' => 1] + $order['fields'],
            false,
            true
        );
        $transaction->allow_commit();
        break;
    case 'update':
        user_update_user(['id' => $account()->id] + $order['fields'], false, true);
        break;
    case 'login':
        // A browser would have brought a session along.
        session_start(['use_cookies' => 0, 'use_only_cookies' => 0, 'cache_limiter' => '', 'save_path' => make_temp_directory('')]);
        \core\session\manager::set_user(guest_user());
        complete_user_login($account());
        break;
}
$took = microtime(true) - $began;
$user = $account();
$found = ['took' => $took, 'courses' => []];
foreach (enrol_get_users_courses($user->id, true) as $course) {
    $context = context_course::instance($course->id);
    $roles = array_map(fn($role) => $role->shortname, array_values(get_user_roles($context, $user->id, false)));
    $groups = array_map(fn($id) => groups_get_group_name($id), groups_get_user_groups($course->id, $user->id)[0]);
    sort($roles);
    sort($groups);
    $found['courses'][$course->shortname] = ['roles' => $roles, 'groups' => $groups];
}
$sql = 'SELECT c.idnumber FROM {cohort} c JOIN {cohort_members} m ON m.cohortid = c.id WHERE m.userid = ? ORDER BY c.idnumber';
$found['cohorts'] = $DB->get_fieldset_sql($sql, [$user->id]);
ksort($found['courses']);
$found['courses'] = (object) $found['courses'];
echo json_encode($found, JSON_THROW_ON_ERROR);
