<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\health;

/**
 * The changes of a run, page by page, and the course or the person to which somebody narrows them.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class changes {
    /**
     * One page of a run's changes, in the order in which they were made. One more than asked for comes where another page follows.
     *
     * The page begins after a row rather than at a number of rows, so that the last page costs what the first one does.
     *
     * @param int $run the run
     * @param int|null $course only of this course
     * @param int|null $user only of this person
     * @param int $after rows after this one
     * @param int $limit how many
     * @return \stdClass[]
     */
    public static function page(int $run, ?int $course, ?int $user, int $after, int $limit): array {
        global $DB;
        $where = ['c.runid = :run', 'c.id > :after'];
        $params = ['run' => $run, 'after' => $after];
        if ($course !== null) {
            $where[] = 'c.courseid = :course';
            $params['course'] = $course;
        }
        if ($user !== null) {
            $where[] = 'c.userid = :user';
            $params['user'] = $user;
        }
        $sql = 'SELECT c.id, c.action, c.courseid, c.userid, c.roleid, c.groupid, c.cohortid, c.reason, c.feed, c.line, c.undone,
                       c.outcome
                  FROM {local_greffe_change} c
                 WHERE ' . implode(' AND ', $where) . '
              ORDER BY c.id';
        $rows = $DB->get_records_sql($sql, $params, 0, $limit + 1);
        return array_values($rows);
    }

    /**
     * The course that somebody means by its short name, its number or its id; null where there is none.
     *
     * @param string $text what was typed
     * @return int|null
     */
    public static function course(string $text): ?int {
        return self::find('course', ['shortname', 'idnumber'], $text);
    }

    /**
     * The person that somebody means by number, username or id; null where there is none.
     *
     * @param string $text what was typed
     * @return int|null
     */
    public static function person(string $text): ?int {
        return self::find('user', ['idnumber', 'username'], $text);
    }

    /**
     * The only row that has this text in the first column where any has, or this id.
     *
     * @param string $table the table
     * @param string[] $columns where to look, in this order
     * @param string $text what was typed
     * @return int|null
     */
    private static function find(string $table, array $columns, string $text): ?int {
        global $DB;
        foreach ($columns as $column) {
            $found = $DB->get_fieldset_select($table, 'id', "$column = :text", ['text' => $text]);
            if ($found) {
                return count($found) === 1 ? (int) reset($found) : null;
            }
        }
        return ctype_digit($text) && strlen($text) < 18 && $DB->record_exists($table, ['id' => $text]) ? (int) $text : null;
    }
}
