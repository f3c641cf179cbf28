<?php
// The scheduled tasks that are named, one after the other in one process, as cron's user.
define('CLI_SCRIPT', true);
require(getenv('GREFFE_MOODLE_ROOT') . '/config.php');
\core\cron::setup_user();
foreach (array_slice($argv, 1) as $name) {
    $task = \core\task\manager::get_scheduled_task($name);
    if (!$task) {
        throw new Exception("no such task: $name");
    }
    $task->execute();
    echo "done: $name\n";
}
