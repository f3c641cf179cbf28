<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\health;

/**
 * People whom a feed names and whom Moodle does not know yet.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class waiting {
    /**
     * How many people wait, by feed.
     *
     * @return int[]
     */
    public static function by_feed(): array {
        global $DB;
        $sql = 'SELECT feed, COUNT(DISTINCT person) AS people FROM {local_greffe_waiting} GROUP BY feed ORDER BY feed';
        return array_map('intval', $DB->get_records_sql_menu($sql));
    }

    /**
     * How many people wait, each counted once whatever feeds name him.
     *
     * @return int
     */
    public static function people(): int {
        global $DB;
        return (int) $DB->count_records_sql('SELECT COUNT(DISTINCT person) FROM {local_greffe_waiting}');
    }

    /**
     * Places that are kept for them, one page after a given row.
     *
     * @param string $feed only of this feed; empty for all
     * @param int $after the row
     * @param int $limit how many
     * @return \stdClass[] id, feed, line, person, courseid or cohort (its idnumber), groupname, timecreated
     */
    public static function page(string $feed, int $after, int $limit): array {
        global $DB;
        $where = 'id > :after' . ($feed !== '' ? ' AND feed = :feed' : '');
        $columns = 'id, feed, line, person, courseid, cohort, groupname, timecreated';
        $params = ['after' => $after, 'feed' => $feed];
        return $DB->get_records_select('local_greffe_waiting', $where, $params, 'id', $columns, 0, $limit);
    }
}
