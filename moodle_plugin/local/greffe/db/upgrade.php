<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

/**
 * Steps from one version of the plugin to the next.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

/**
 * Bring the tables of an older version up to date. Each step ends with its savepoint, so that it never runs twice.
 *
 * @param int $oldversion the version that is installed
 * @return bool
 */
function xmldb_local_greffe_upgrade($oldversion) {
    // A step: if ($oldversion < VERSION) { change; upgrade_plugin_savepoint(true, VERSION, 'local', 'greffe'); }.
    // One that changes a table changes the schema version in local_greffe_meta as well, and the engine's own statements.
    return true;
}
