<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\health;

/**
 * Names of what a page of changes touches, each table asked once. What is gone from Moodle keeps its number.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class names {
    /** @var \stdClass[][] table => rows by id */
    private array $rows = [];

    /**
     * Names for some changes.
     *
     * @param \stdClass[] $changes rows of the journal, or others with some of its columns
     */
    public function __construct(array $changes) {
        $this->read('course', 'id, shortname', array_column($changes, 'courseid'));
        $this->read('role', '*', array_column($changes, 'roleid'));
        $this->read('groups', 'id, name', array_column($changes, 'groupid'));
        $this->read('cohort', 'id, name, idnumber', array_column($changes, 'cohortid'));
        $fields = \core_user\fields::for_name()->including('id', 'idnumber', 'deleted')->get_required_fields();
        $this->read('user', implode(', ', $fields), array_column($changes, 'userid'));
    }

    /**
     * A course by its short name; empty for none.
     *
     * @param int $id the course
     * @return string safe HTML
     */
    public function course(int $id): string {
        return $this->name('course', $id, fn($row) => format_string(
            $row->shortname,
            true,
            ['context' => \context_course::instance($id, IGNORE_MISSING) ?: \context_system::instance()]
        ));
    }

    /**
     * A person by name; empty for none.
     *
     * @param int $id the account
     * @return string safe HTML
     */
    public function person(int $id): string {
        return $this->name('user', $id, fn($row) => s($row->deleted ? "#$id" : fullname($row)));
    }

    /**
     * A role by its name; empty for none.
     *
     * @param int $id the role
     * @return string safe HTML
     */
    public function role(int $id): string {
        return $this->name('role', $id, fn($row) => s(role_get_name($row)));
    }

    /**
     * A group by its name; empty for none.
     *
     * @param int $id the group
     * @return string safe HTML
     */
    public function group(int $id): string {
        return $this->name('groups', $id, fn($row) => format_string($row->name));
    }

    /**
     * A cohort by its name; empty for none.
     *
     * @param int $id the cohort
     * @return string safe HTML
     */
    public function cohort(int $id): string {
        return $this->name('cohort', $id, fn($row) => format_string($row->name));
    }

    /**
     * A name, or the number of what is gone.
     *
     * @param string $table its table
     * @param int $id its id
     * @param callable $name of its row
     * @return string
     */
    private function name(string $table, int $id, callable $name): string {
        if (!$id) {
            return '';
        }
        return isset($this->rows[$table][$id]) ? $name($this->rows[$table][$id]) : "#$id";
    }

    /**
     * Read the rows of a table.
     *
     * @param string $table the table
     * @param string $columns which columns
     * @param int[] $ids which rows; 0 for none
     */
    private function read(string $table, string $columns, array $ids): void {
        global $DB;
        $ids = array_unique(array_filter($ids));
        $this->rows[$table] = $ids ? $DB->get_records_list($table, 'id', $ids, '', $columns) : [];
    }
}
