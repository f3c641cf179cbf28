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
    global $DB;

    // A step that changes a table changes the schema version in local_greffe_meta as well, and has its like in the engine's
    // sql/own/*/migrations. It can be run again from its beginning.
    $dbman = $DB->get_manager();
    if ($oldversion < 2026112800) {
        // Schema 2: the history of a person, a course or a cohort is read in order, along one index each.
        $table = new xmldb_table('local_greffe_change');
        $indexes = ['courseid_cohortid_id' => ['courseid', 'cohortid', 'id'], 'userid_id' => ['userid', 'id']];
        foreach ($indexes as $name => $fields) {
            $index = new xmldb_index($name, XMLDB_INDEX_NOTUNIQUE, $fields);
            if (!$dbman->index_exists($table, $index)) {
                $dbman->add_index($table, $index);
            }
        }
        foreach (['courseid', 'userid'] as $name) {
            $index = new xmldb_index($name, XMLDB_INDEX_NOTUNIQUE, [$name]);
            if ($dbman->index_exists($table, $index)) {
                $dbman->drop_index($table, $index);
            }
        }
        $DB->set_field('local_greffe_meta', 'value', '2', ['name' => 'schema']);
        upgrade_plugin_savepoint(true, 2026112800, 'local', 'greffe');
    }
    return true;
}
