<?php
// A Moodle that does as it is told, through its own API: each line of standard input is a JSON list of steps, and
// each is answered by a line of its own once they are done. One process for a whole scenario: starting Moodle costs
// more than most steps. Cron, too, runs many tasks in one process.
define('CLI_SCRIPT', true);
require(getenv('GREFFE_MOODLE_ROOT') . '/config.php');
require_once(__DIR__ . '/steps.php');

$steps = steps();
while (($line = fgets(STDIN)) !== false) {
    foreach (json_decode($line, true, 16, JSON_THROW_ON_ERROR) as $step) {
        \core\cron::setup_user();
        $steps[$step['step']]($step);
    }
    fwrite(STDOUT, "\n" . getenv('GREFFE_MOODLE_DONE') . "\n");
}
