<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\arrival;

use local_greffe\health\run;
use stdClass;

/**
 * Which rows of the waiting list may still be acted upon.
 *
 * The list of a feed is what its last good night saw: an unchanged list is not written again, so that the run in a row tells
 * only when it was first there. What that night says counts no longer where it was held or died, where a later one was, where it
 * was taken back since, where the calendar kept everything out, and where it is too long ago.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class gate {
    /** @var bool[] feed => whether its list counts */
    private array $open = [];

    /** @var int[] feed => the run that last saw the feed good */
    private array $confirmed = [];

    /**
     * The rows that count.
     *
     * @param stdClass[] $rows rows of local_greffe_waiting
     * @return stdClass[]
     */
    public function allowed(array $rows): array {
        return array_filter($rows, function ($row) {
            if (!array_key_exists($row->feed, $this->open)) {
                $this->open[$row->feed] = $this->look($row->feed);
            }
            return $this->open[$row->feed] && $row->runid <= $this->confirmed[$row->feed];
        });
    }

    /**
     * Look at the last good night of a feed.
     *
     * @param string $feed
     * @return bool whether its list counts
     */
    private function look(string $feed): bool {
        global $DB;

        $sql = "SELECT f.id, f.runid, f.timecreated, r.state, r.reason
                  FROM {local_greffe_feed} f JOIN {local_greffe_run} r ON r.id = f.runid
                 WHERE f.feed = :feed AND f.good = 1 ORDER BY f.id DESC";
        $nights = $DB->get_records_sql($sql, ['feed' => $feed], 0, 1);
        $night = reset($nights);
        if (!$night) {
            return false;
        }
        $this->confirmed[$feed] = (int) $night->runid;
        return in_array($night->state, ['done', 'partial'])
            && $night->reason !== 'blackout'
            && $night->timecreated >= time() - $this->oldest()
            && !$this->taken_back((int) $night->runid)
            && !$this->later_one_failed((int) $night->runid);
    }

    /**
     * Whether that night was taken back, or one since: who did so did not trust what it had read.
     *
     * @param int $run
     * @return bool
     */
    private function taken_back(int $run): bool {
        global $DB;

        [$kinds, $params] = $DB->get_in_or_equal(run::NIGHTS, SQL_PARAMS_NAMED);
        $sql = "SELECT 1 FROM {local_greffe_run} u JOIN {local_greffe_run} r ON r.id = u.undoes
                 WHERE u.changes > 0 AND (r.id = :run OR r.id > :since AND r.kind $kinds)";
        return $DB->record_exists_sql($sql, $params + ['run' => $run, 'since' => $run]);
    }

    /**
     * Whether a night since was held or did not come to its end: what it had read may be why.
     *
     * @param int $run the last good night
     * @return bool
     */
    private function later_one_failed(int $run): bool {
        global $DB;

        [$states, $params] = $DB->get_in_or_equal(['held', 'failed', 'interrupted', 'killed'], SQL_PARAMS_NAMED);
        $select = "id > :run AND kind = :kind AND state $states";
        return $DB->record_exists_select('local_greffe_run', $select, $params + ['run' => $run, 'kind' => 'nightly']);
    }

    /**
     * How long ago the last good night may be.
     *
     * @return int seconds
     */
    private function oldest(): int {
        $set = get_config('local_greffe', 'arrivalsmaxage');
        return $set === false ? settings::MAXAGE : (int) $set;
    }
}
