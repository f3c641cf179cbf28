<?php
// A file of courses through Moodle's own upload (tool_uploadcourse), of which only what it does to enrolment methods matters here.
// Its command line dies on the first cohort, whose library only its page has loaded; so this loads it, and then does what that does.
// The file comes on standard input.
define('CLI_SCRIPT', true);
require(getenv('GREFFE_MOODLE_ROOT') . '/config.php');
require_once($CFG->libdir . '/csvlib.class.php');
require_once($CFG->dirroot . '/cohort/lib.php');
require_once($CFG->dirroot . '/course/lib.php');
require_once($CFG->dirroot . '/group/lib.php');

\core\cron::setup_user();
$reader = new csv_import_reader(csv_import_reader::get_new_iid('uploadcourse'), 'uploadcourse');
$reader->load_csv_content(stream_get_contents(STDIN), 'UTF-8', 'comma');
$options = [
    'mode' => tool_uploadcourse_processor::MODE_UPDATE_ONLY,
    'updatemode' => tool_uploadcourse_processor::UPDATE_ALL_WITH_DATA_ONLY,
];
$upload = new tool_uploadcourse_processor($reader, $options, ['category' => core_course_category::get_default()->id]);
$upload->execute(new tool_uploadcourse_tracker(tool_uploadcourse_tracker::OUTPUT_PLAIN));
