<?php
// The task that sends one message, in this very process: cron may start others, which a test could not kill in the middle.
define('CLI_SCRIPT', true);
require(getenv('GREFFE_MOODLE_ROOT') . '/config.php');

\core\cron::setup_user();
$task = new \local_greffe\task\send_message();
$task->set_custom_data(['message' => (int) $argv[1]]);
$task->execute();
