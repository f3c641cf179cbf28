<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\health;

/**
 * The runs of the journal.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class runs {
    /** Columns of a run. */
    private const COLUMNS = 'id, kind, state, reason, digest, operator, host, version, undoes, changes, counts, verdicts,
                             feeds, error, timestarted, timeended';

    /**
     * One run; null where there is none of that number.
     *
     * @param int $id its number
     * @return run|null
     */
    public static function get(int $id): ?run {
        $found = self::select('id = :id', ['id' => $id], 1);
        return $found ? reset($found) : null;
    }

    /**
     * The latest runs of any kind, newest first.
     *
     * @param int $limit how many
     * @return run[]
     */
    public static function latest(int $limit): array {
        return self::select('1 = 1', [], $limit);
    }

    /**
     * The last night; null before the first.
     *
     * @return run|null
     */
    public static function last_night(): ?run {
        return self::last('1 = 1', []);
    }

    /**
     * The last night that ended well; null where there is none.
     *
     * @return run|null
     */
    public static function last_good(): ?run {
        return self::last('state = :state', ['state' => 'done']);
    }

    /**
     * The last night that came as far as reading feeds; null where there is none. A plan file that is applied reads none.
     *
     * @return run|null
     */
    public static function last_reading(): ?run {
        global $DB;
        $text = $DB->sql_compare_text('feeds', 2);
        return self::last("feeds IS NOT NULL AND $text <> :none", ['none' => '[]']);
    }

    /**
     * The last night that has ended; null where there is none.
     *
     * @return run|null
     */
    public static function last_ended(): ?run {
        return self::last('timeended > 0', []);
    }

    /**
     * Nights since a moment, oldest first: id, state, changes, timestarted. Small rows, for charts.
     *
     * @param int $since the moment
     * @return \stdClass[]
     */
    public static function nights_since(int $since): array {
        global $DB;
        [$kinds, $params] = $DB->get_in_or_equal(run::NIGHTS, SQL_PARAMS_NAMED, 'kind');
        return $DB->get_records_select(
            'local_greffe_run',
            "timestarted >= :since AND kind $kinds",
            $params + ['since' => $since],
            'id',
            'id, state, changes, timestarted'
        );
    }

    /**
     * What some runs saw of their feeds: run id => feeds by name.
     *
     * @param int[] $ids the runs
     * @return feed[][]
     */
    public static function feeds_of(array $ids): array {
        global $DB;
        $found = [];
        foreach ($ids ? $DB->get_records_list('local_greffe_run', 'id', $ids, 'id', self::COLUMNS) : [] as $row) {
            $found[$row->id] = run::from_row($row)->feeds;
        }
        return $found;
    }

    /**
     * Who let a plan pass the guards, and until when: operator and timeexpires; null where nobody did, or where it expired.
     *
     * @param string $digest of the plan
     * @param int $now the moment
     * @return \stdClass|null
     */
    public static function approval(string $digest, int $now): ?\stdClass {
        global $DB;
        $found = $DB->get_records_select(
            'local_greffe_approval',
            'digest = :digest AND timeexpires >= :now',
            ['digest' => $digest, 'now' => $now],
            'id DESC',
            'id, operator, timeexpires',
            0,
            1
        );
        return $found ? reset($found) : null;
    }

    /**
     * The last night of which something is so; null where there is none.
     *
     * @param string $where a condition
     * @param array $params its values
     * @return run|null
     */
    private static function last(string $where, array $params): ?run {
        global $DB;
        [$kinds, $values] = $DB->get_in_or_equal(run::NIGHTS, SQL_PARAMS_NAMED, 'kind');
        $found = self::select("kind $kinds AND $where", $values + $params, 1);
        return $found ? reset($found) : null;
    }

    /**
     * Runs, newest first.
     *
     * @param string $where a condition
     * @param array $params its values
     * @param int $limit how many
     * @return run[]
     */
    private static function select(string $where, array $params, int $limit): array {
        global $DB;
        $rows = $DB->get_records_select('local_greffe_run', $where, $params, 'id DESC', self::COLUMNS, 0, $limit);
        return array_map(fn($row) => run::from_row(self::counted($row)), $rows);
    }

    /**
     * A run that could not count its own changes (it runs, or was killed) has them counted.
     *
     * @param \stdClass $row its row
     * @return \stdClass
     */
    private static function counted(\stdClass $row): \stdClass {
        global $DB;
        if (in_array($row->state, ['running', 'killed'])) {
            $sql = 'SELECT action, COUNT(*) AS amount FROM {local_greffe_change} WHERE runid = :run GROUP BY action';
            $counts = $DB->get_records_sql_menu($sql, ['run' => $row->id]);
            $row->counts = json_encode($counts);
            $row->changes = array_sum($counts);
        }
        return $row;
    }
}
