<?php
// A file of cohorts through the form that Moodle's own upload page has (cohort/upload_form.php): it has no command line.
// The file comes on standard input, its separator as the argument.
define('CLI_SCRIPT', true);
require(getenv('GREFFE_MOODLE_ROOT') . '/config.php');
require_once($CFG->libdir . '/csvlib.class.php');
require_once($CFG->dirroot . '/cohort/lib.php');
require_once($CFG->dirroot . '/cohort/upload_form.php');

\core\cron::setup_user();
$context = context_system::instance();
$PAGE->set_context($context);
$PAGE->set_url('/cohort/upload.php');

$file = get_file_storage()->create_file_from_string([
    'contextid' => context_user::instance($USER->id)->id, 'component' => 'user', 'filearea' => 'draft',
    'itemid' => file_get_unused_draft_itemid(), 'filepath' => '/', 'filename' => 'cohorts.csv',
], stream_get_contents(STDIN));

$form = new cohort_upload_form(null, ['contextid' => $context->id]);
$read = new ReflectionMethod($form, 'process_upload_file');
$rows = $read->invoke($form, $file, 'UTF-8', $argv[1], $context);
foreach ($rows as $number => $row) {
    if ($row['errors']) {
        echo "row $number: " . implode('; ', array_map('strval', $row['errors'])) . "\n";
    }
}
if (!$rows[0]['errors']) {
    foreach (array_slice($rows, 1) as $row) {
        cohort_add_cohort((object) $row['data']);
    }
}
