<?php
// Test-only config.php: one code tree serves every test site, so all that differs comes from the environment.
unset($CFG);
global $CFG;
$CFG = new stdClass();
foreach (json_decode(getenv('GREFFE_MOODLE'), true, 16, JSON_THROW_ON_ERROR) as $key => $value) {
    $CFG->$key = $value;
}
$CFG->dblibrary = 'native';
$CFG->admin = 'admin';
$CFG->directorypermissions = 02777;
$CFG->noemailever = true;
$CFG->debugdisplay = true;
require_once(__DIR__ . '/lib/setup.php');
