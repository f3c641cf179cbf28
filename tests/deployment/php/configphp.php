<?php
// The config.php that Moodle's own installer would write for this site.
define('CLI_SCRIPT', true);
require(getenv('GREFFE_MOODLE_ROOT') . '/config.php');
require_once($CFG->libdir . '/installlib.php');
echo install_generate_configphp($DB, $CFG);
