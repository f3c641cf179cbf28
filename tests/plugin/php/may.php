<?php
// Who may do something in a course, as Moodle says: usernames, each with yes or no.
define('CLI_SCRIPT', true);
require(getenv('GREFFE_MOODLE_ROOT') . '/config.php');

$asked = json_decode(stream_get_contents(STDIN), true, 8, JSON_THROW_ON_ERROR);
$context = context_course::instance($asked['course']);
$found = [];
foreach ($DB->get_records_list('user', 'username', $asked['people']) as $user) {
    $found[$user->username] = has_capability($asked['capability'], $context, $user);
}
echo json_encode($found);
