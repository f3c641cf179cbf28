<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\relay;

use Throwable;

/**
 * The journal as an outbox: what Moodle has not been told of yet, in slices, and the mark that it has.
 *
 * Rows appear with the transactions of a run that may still be going on, and two of its connections commit out of order: so
 * what is pending is asked for by the mark and never by "after the last one that I saw".
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class journal {
    /** Changes that one slice holds at most. */
    private const SLICE = 200;
    /** The table. */
    private const TABLE = 'local_greffe_change';

    /**
     * The next pending changes in order.
     *
     * @param int $after only those behind this id: within a run there is no need to pass once more over what was just marked
     * @return change[] by id; empty where there is none
     */
    public function next(int $after): array {
        global $DB;
        // Images can be large (the feedback of a grade), so they come along only where they are looked at.
        [$quiet, $params] = $DB->get_in_or_equal(change::QUIET, SQL_PARAMS_NAMED, 'q');
        [$again, $more] = $DB->get_in_or_equal(change::QUIET, SQL_PARAMS_NAMED, 'r');
        $rows = $DB->get_records_sql(
            "SELECT id, runid, action, courseid, enrolid, userid, objectid, roleid, groupid, cohortid, reason, undone,
                    CASE WHEN action $quiet THEN NULL ELSE oldrow END AS oldrow,
                    CASE WHEN action $again THEN NULL ELSE newrow END AS newrow
               FROM {" . self::TABLE . "}
              WHERE relayed = 0 AND id > :after
           ORDER BY id",
            $params + $more + ['after' => $after],
            0,
            self::SLICE
        );
        return array_map(fn($row) => new change($row), $rows);
    }

    /**
     * Mark changes that need no word to anybody.
     *
     * @param int[] $ids their rows
     * @param string $outcome one of `outcome`
     */
    public function settle(array $ids, string $outcome): void {
        global $DB;
        if ($ids) {
            [$in, $params] = $DB->get_in_or_equal($ids, SQL_PARAMS_NAMED);
            $DB->execute(
                'UPDATE {' . self::TABLE . "} SET relayed = :now, outcome = :outcome WHERE id $in",
                $params + ['now' => time(), 'outcome' => $outcome]
            );
        }
    }

    /**
     * Mark a change of which Moodle has just been told.
     *
     * Log stores keep events in memory until the process ends: a kill would lose what they have not written. So they write now,
     * in the transaction that marks the change: log rows and mark are both there, or neither is and the change is told again.
     *
     * On PostgreSQL nobody waits for the disk: were the server itself to fall, the last moments' marks and log rows would be
     * gone together, and told once more. MariaDB has no such choice for one session.
     *
     * A store that cannot write costs its own lines, and the change is marked as failed: the others must not wait for it.
     *
     * @param int $id its row
     * @param string $outcome one of `outcome`
     * @return string the outcome that was noted
     */
    public function mark(int $id, string $outcome): string {
        global $DB;
        try {
            $transaction = $DB->start_delegated_transaction();
            if ($DB->get_dbfamily() === 'postgres') {
                $DB->execute('SET LOCAL synchronous_commit TO off');
            }
            foreach (get_log_manager()->get_readers('\tool_log\log\store') as $store) {
                // One that writes elsewhere would close its connection for each change.
                is_callable([$store, 'flush']) ? $store->flush() : $store->dispose();
            }
            $DB->update_record(self::TABLE, ['id' => $id, 'relayed' => time(), 'outcome' => $outcome]);
            $transaction->allow_commit();
        } catch (Throwable $thrown) {
            if ($DB->is_transaction_started()) {
                $DB->force_transaction_rollback();
            }
            $outcome = outcome::FAILED;
            $DB->update_record(self::TABLE, ['id' => $id, 'relayed' => time(), 'outcome' => $outcome]);
        }
        return $outcome;
    }
}
