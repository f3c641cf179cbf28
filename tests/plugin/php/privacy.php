<?php
// What the plugin keeps of one person, as Moodle finds, exports and deletes it: the order on standard input
// as JSON, the answer on standard output.
define('CLI_SCRIPT', true);
require(getenv('GREFFE_MOODLE_ROOT') . '/config.php');

use core_privacy\local\metadata\collection;
use core_privacy\local\request\approved_contextlist;
use core_privacy\local\request\approved_userlist;
use core_privacy\local\request\userlist;
use core_privacy\local\request\writer;
use local_greffe\privacy\provider;

$order = json_decode(stream_get_contents(STDIN), true, 16, JSON_THROW_ON_ERROR);
\core\cron::setup_user();
$user = $DB->get_record('user', ['username' => $order['username']], '*', MUST_EXIST);
$list = provider::get_contexts_for_userid($user->id);
$approved = new approved_contextlist($user, 'local_greffe', $list->get_contextids());
$levels = array_map(fn($context) => $context->contextlevel, array_values($list->get_contexts()));
sort($levels);
$found = ['levels' => $levels, 'users' => [], 'exported' => [], 'missing' => []];
foreach ($list->get_contexts() as $context) {
    $users = new userlist($context, 'local_greffe');
    provider::get_users_in_context($users);
    $found['users'][] = in_array($user->id, $users->get_userids());
}
foreach (provider::get_metadata(new collection('local_greffe'))->get_collection() as $item) {
    foreach ([$item->get_summary(), ...array_values($item->get_privacy_fields())] as $text) {
        if (!get_string_manager()->string_exists($text, 'local_greffe')) {
            $found['missing'][] = $text;
        }
    }
}
if ($order['what'] === 'export') {
    provider::export_user_data($approved);
    $zip = writer::with_context(context_system::instance())->finalise_content();
    $folder = make_temp_directory('exported');
    foreach (array_keys(get_file_packer('application/zip')->extract_to_pathname($zip, $folder)) as $file) {
        if (basename($file) === 'data.json') {
            foreach (json_decode(file_get_contents("$folder/$file"), true) as $what => $rows) {
                $found['exported'][$what] = array_merge($found['exported'][$what] ?? [], $rows);
            }
        }
    }
} else if ($order['what'] === 'delete') {
    provider::delete_data_for_user($approved);
} else if ($order['what'] === 'delete-list') {
    foreach ($list->get_contexts() as $context) {
        provider::delete_data_for_users(new approved_userlist($context, 'local_greffe', [$user->id]));
    }
} else if ($order['what'] === 'delete-all') {
    foreach ($list->get_contexts() as $context) {
        provider::delete_data_for_all_users_in_context($context);
    }
}
echo json_encode($found, JSON_THROW_ON_ERROR);
