<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\relay;

use local_greffe\actions;

/**
 * What else the journal says of the rows of Moodle's that a slice is about: before it and after it.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class history {
    /** What acts on rows of the same table, the actions that write them again, and those that remove them. */
    private const KINDS = [
        'enrolment' => actions::OF_ENROLMENT,
        'role' => ['assign-role', 'remove-role'],
        'membership' => ['join-group', 'leave-group'],
        'member' => ['join-cohort', 'leave-cohort'],
        'cohort' => ['create-cohort', 'update-cohort', 'adopt-cohort', 'release-cohort', 'delete-cohort', 'restore-cohort'],
        'method' => ['create-method', 'update-method', 'adopt-method', 'release-method', 'disable-method', 'delete-method',
            'restore-method'],
        'group' => ['create-group'],
        'grouping' => ['create-grouping'],
        'place' => ['join-grouping', 'leave-grouping'],
        'grade' => ['delete-grade', 'restore-grade'],
    ];
    /** Actions that bring a row of Moodle's into being. */
    private const ADDS = ['enrol', 'assign-role', 'join-group', 'join-cohort', 'create-cohort', 'restore-cohort', 'create-method',
        'restore-method', 'create-group', 'create-grouping', 'join-grouping'];
    /** Actions that end it. */
    private const ENDS = ['unenrol', 'remove-role', 'leave-group', 'leave-grouping', 'leave-cohort', 'delete-cohort',
        'delete-method'];

    /** @var array kind and row of Moodle's → its rows of the journal in order */
    private array $rows = [];

    /**
     * Read what concerns these changes.
     *
     * @param change[] $changes a slice
     */
    public function __construct(array $changes) {
        global $DB;
        // A row that was just born has no past, and whether it is still there is seen on itself.
        $asking = array_filter($changes, fn($c) => $c->takes_back() || !in_array($c->action, self::ADDS, true));
        foreach (['userid', 'courseid', ''] as $by) { // No index leads to a row of Moodle's, but these lead close to it.
            $part = array_filter($asking, fn($c) => self::index($c) === $by);
            if (!$part) {
                continue;
            }
            [$objects, $params] = $DB->get_in_or_equal(self::values($part, 'objectid'), SQL_PARAMS_NAMED, 'o');
            $place = 'userid = 0 AND courseid = 0';
            if ($by) {
                [$in, $more] = $DB->get_in_or_equal(self::values($part, $by), SQL_PARAMS_NAMED, 'p');
                $place = "$by $in";
                $params += $more;
            }
            $found = $DB->get_recordset_sql(
                "SELECT id, runid, action, objectid, reason, undone, relayed, outcome
                   FROM {local_greffe_change} WHERE $place AND objectid $objects ORDER BY id",
                $params
            );
            foreach ($found as $row) {
                $this->rows[self::kind($row->action) . ' ' . $row->objectid][(int) $row->id] = $row;
            }
            $found->close();
        }
    }

    /**
     * Whether a change ends or takes back something that Moodle has never heard of.
     *
     * @param change $change one of the slice
     * @return bool
     */
    public function unseen(change $change): bool {
        $rows = $this->of($change);
        if (isset($rows[$change->id]) && self::takes_back_silence($rows[$change->id], $rows)) {
            return true;
        }
        if (!in_array($change->action, self::ENDS, true)) {
            return false;
        }
        $birth = null;
        foreach ($rows as $id => $row) {
            if ($id < $change->id && in_array($row->action, self::ADDS, true)) {
                $birth = $row;
            }
        }
        return $birth !== null && self::silent($birth);
    }

    /**
     * Take note of what becomes of a change of the slice: those behind it go by that.
     *
     * @param change $change one of the slice
     * @param string $outcome one of `outcome`
     */
    public function settle(change $change, string $outcome): void {
        if ($row = $this->of($change)[$change->id] ?? null) {
            $row->relayed = 1;
            $row->outcome = $outcome;
        }
    }

    /**
     * Whether a later change wrote the same row once more, or ended it.
     *
     * @param change $change one of the slice
     * @return bool
     */
    public function superseded(change $change): bool {
        $rows = $this->of($change);
        foreach ($rows as $id => $row) {
            if ($id > $change->id && !$row->undone && !self::takes_back_silence($row, $rows)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a row of the journal takes back one of which Moodle was never told.
     *
     * @param \stdClass $row the row
     * @param \stdClass[] $rows all of the same row of Moodle's
     * @return bool
     */
    private static function takes_back_silence(\stdClass $row, array $rows): bool {
        if ($row->reason !== 'undo') {
            return false;
        }
        foreach ($rows as $other) {
            if ($other->undone == $row->runid && self::silent($other)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether Moodle has not been told of it and will not be.
     *
     * @param \stdClass $row a row of the journal
     * @return bool
     */
    private static function silent(\stdClass $row): bool {
        return $row->relayed ? in_array($row->outcome, outcome::SILENT, true) : (bool) $row->undone;
    }

    /**
     * The rows of the journal about the same row of Moodle's.
     *
     * @param change $change one of the slice
     * @return \stdClass[] by id
     */
    private function of(change $change): array {
        return $this->rows[self::kind($change->action) . ' ' . $change->objectid] ?? [];
    }

    /**
     * Which kind of row of Moodle's an action is about.
     *
     * @param string $action the action
     * @return string
     */
    private static function kind(string $action): string {
        foreach (self::KINDS as $kind => $actions) {
            if (in_array($action, $actions, true)) {
                return $kind;
            }
        }
        return '';
    }

    /**
     * The column whose index leads to the rows about the same thing.
     *
     * @param change $change one of the slice
     * @return string '' for the few that belong to nobody and to no course
     */
    private static function index(change $change): string {
        return $change->userid ? 'userid' : ($change->courseid ? 'courseid' : '');
    }

    /**
     * Distinct values of some changes.
     *
     * @param change[] $changes the changes
     * @param string $name of the property
     * @return int[]
     */
    private static function values(array $changes, string $name): array {
        return array_values(array_unique(array_map(fn($c) => $c->$name, $changes)));
    }
}
