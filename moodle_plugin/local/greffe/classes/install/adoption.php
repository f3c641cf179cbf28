<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\install;

use local_greffe\schema;
use moodle_exception;

/**
 * Takes over, row by row with their own ids, the tables that the engine made before the plugin was there.
 *
 * `greffe plugin prepare` has set them aside under other names, since Moodle refuses to install tables that exist. It can be
 * killed or fail at any moment, and be run again: a table goes on above the highest id that it has. What makes the tables
 * ready for the engine, their schema version, comes last. Nothing is changed or dropped on the other side: on PostgreSQL only
 * the owner could, and that is the engine's role (`greffe plugin finish`).
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class adoption {
    /** @var int ids that one statement covers: bounded transactions, also on a Galera cluster */
    private const SLICE = 50000;

    /** @var string the table that says whether the others are in service: the last to be filled */
    private const META = 'local_greffe_meta';

    /** @var string the journal */
    private const JOURNAL = 'local_greffe_change';

    /** @var string quote of names in this database */
    private string $quote;

    /**
     * Look at the database.
     */
    public function __construct() {
        global $DB;

        $this->quote = $DB->get_dbfamily() === 'postgres' ? '"' : '`';
    }

    /**
     * Fill the tables, unless they are in service already.
     */
    public function run(): void {
        global $DB;

        if ($DB->record_exists(self::META, ['name' => 'schema'])) {
            return;
        }
        $kept = $this->kept();
        if ($kept) {
            $this->refuse_other_schema();
        }
        foreach (array_keys($kept) as $table) {
            if ($table !== self::META) {
                $this->take($table);
            }
        }
        $this->share($kept);
        $this->open($kept);
    }

    /**
     * The name of a table that was set aside: engine/greffe/moodle/owntables.py, aside().
     *
     * @param string $table the table as Moodle names it
     * @return string the whole name, which does not begin with the site's prefix
     */
    public static function aside(string $table): string {
        global $CFG;

        return (strncmp($CFG->prefix, 'a', 1) === 0 ? 'kept_' : 'aside_') . $CFG->prefix . $table;
    }

    /**
     * The tables that were set aside.
     *
     * @return string[] table as Moodle names it => who owns the one that was set aside ('' where that says nothing)
     */
    private function kept(): array {
        global $DB;

        // On PostgreSQL from the catalogue itself: information_schema hides what this role has no right on, and rows would then
        // seem not to be there.
        if ($DB->get_dbfamily() === 'postgres') {
            $sql = "SELECT c.relname AS name, pg_get_userbyid(c.relowner) AS owner FROM pg_class c
                     WHERE c.relkind = 'r' AND pg_table_is_visible(c.oid) AND c.relname = :name";
        } else {
            $sql = "SELECT table_name AS name, '' AS owner FROM information_schema.tables
                     WHERE table_schema = DATABASE() AND table_name = :name";
        }
        $found = [];
        foreach ($this->tables() as $table) {
            $row = $DB->get_record_sql($sql, ['name' => self::aside($table)]);
            if ($row) {
                $found[$table] = (string) $row->owner;
            }
        }
        return $found;
    }

    /**
     * The plugin's tables.
     *
     * @return string[]
     */
    private function tables(): array {
        global $CFG;

        $file = new \xmldb_file($CFG->dirroot . '/local/greffe/db/install.xml');
        $file->loadXMLStructure();
        return array_map(fn($table) => $table->getName(), $file->getStructure()->getTables());
    }

    /**
     * Tables of another version would be taken for what they are not.
     */
    private function refuse_other_schema(): void {
        global $DB;

        $from = $this->quoted(self::aside(self::META));
        $theirs = $DB->get_field_sql("SELECT value FROM $from WHERE name = :name", ['name' => 'schema']);
        if ($theirs !== false && (string) $theirs !== schema::VERSION) {
            throw new moodle_exception('adoptschema', 'local_greffe', '', ['theirs' => $theirs, 'ours' => schema::VERSION]);
        }
    }

    /**
     * Take over the rows of one table, and count them.
     *
     * @param string $table the table as Moodle names it
     */
    private function take(string $table): void {
        global $DB;

        $from = $this->quoted(self::aside($table));
        [$into, $values, $params] = $this->columns($table);
        $above = (int) $DB->get_field_sql("SELECT MAX(id) FROM {{$table}}");
        $last = (int) $DB->get_field_sql("SELECT MAX(id) FROM $from");
        for (; $above < $last; $above += self::SLICE) {
            \core_php_time_limit::raise(600);
            $DB->execute(
                "INSERT INTO {{$table}} ($into) SELECT $values FROM $from WHERE id > :above AND id <= :upto ORDER BY id",
                $params + ['above' => $above, 'upto' => $above + self::SLICE]
            );
        }
        $theirs = $DB->count_records_sql("SELECT COUNT(*) FROM $from");
        $ours = $DB->count_records($table);
        if ($ours !== $theirs) {
            throw new moodle_exception('adoptcount', 'local_greffe', '', compact('table', 'ours', 'theirs'));
        }
        $this->go_on_above($table);
    }

    /**
     * What of a table is taken over, and how.
     *
     * Journal rows that no relay has seen are marked as seen: months of late events and welcome messages would help nobody.
     *
     * @param string $table the table as Moodle names it
     * @return array columns to fill, expressions to fill them with, parameters
     */
    private function columns(string $table): array {
        global $DB;

        $schema = $DB->get_dbfamily() === 'postgres' ? 'ANY (current_schemas(false))' : 'DATABASE()';
        $sql = "SELECT column_name AS name FROM information_schema.columns
                 WHERE table_schema = $schema AND table_name = :name";
        $theirs = array_map('strtolower', $DB->get_fieldset_sql($sql, ['name' => self::aside($table)]));
        $columns = array_values(array_intersect(array_keys($DB->get_columns($table)), $theirs));
        if (!in_array('id', $columns)) {
            throw new moodle_exception('adoptunreadable', 'local_greffe', '', self::aside($table));
        }
        $values = array_combine($columns, $columns);
        $params = [];
        if ($table === self::JOURNAL) {
            $values['relayed'] = 'CASE WHEN relayed = 0 THEN :now ELSE relayed END';
            $values['outcome'] = "CASE WHEN relayed = 0 THEN 'older' ELSE outcome END";
            $params['now'] = time();
        }
        return [implode(', ', $columns), implode(', ', $values), $params];
    }

    /**
     * New rows get ids above those that were taken over. MariaDB sees to that by itself.
     *
     * @param string $table the table as Moodle names it
     */
    private function go_on_above(string $table): void {
        global $DB;

        if ($DB->get_dbfamily() === 'postgres') {
            $DB->get_manager()->reset_sequence($table);
        }
    }

    /**
     * Let the engine's role work with the tables that Moodle's role has made, where the two differ.
     *
     * On MariaDB rights belong to the names of tables, not to the tables: there the engine's account has kept its own.
     *
     * @param string[] $kept table => owner of the one that was set aside
     */
    private function share(array $kept): void {
        global $CFG, $DB;

        if ($DB->get_dbfamily() !== 'postgres') {
            return;
        }
        $me = $DB->get_field_sql('SELECT current_user');
        $roles = array_diff(array_unique(array_values($kept)), [$me]);
        foreach ($roles as $role) {
            $to = $this->quoted($role);
            foreach ($this->tables() as $table) {
                $DB->change_database_structure([
                    "GRANT SELECT, INSERT, UPDATE, DELETE ON {$this->quoted($CFG->prefix . $table)} TO $to",
                    "GRANT USAGE, SELECT ON SEQUENCE {$this->quoted("{$CFG->prefix}{$table}_id_seq")} TO $to",
                ]);
            }
        }
    }

    /**
     * Put the tables into service: from here on the engine works with them.
     *
     * @param string[] $kept table => owner of the one that was set aside
     */
    private function open(array $kept): void {
        global $DB;

        $transaction = $DB->start_delegated_transaction();
        $DB->delete_records(self::META);
        if (isset($kept[self::META])) {
            $from = $this->quoted(self::aside(self::META));
            $DB->execute("INSERT INTO {" . self::META . "} (name, value) SELECT name, value FROM $from WHERE name <> 'schema'");
        }
        if ($kept) {
            $DB->insert_record(self::META, ['name' => 'adopted', 'value' => (string) time()]);
        }
        $DB->insert_record(self::META, ['name' => 'schema', 'value' => schema::VERSION]);
        $transaction->allow_commit();
    }

    /**
     * A whole name, quoted as this database does.
     *
     * @param string $name
     * @return string
     */
    private function quoted(string $name): string {
        return $this->quote . str_replace($this->quote, $this->quote . $this->quote, $name) . $this->quote;
    }
}
