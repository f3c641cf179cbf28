<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\health;

use local_greffe\actions;

/**
 * Why people are in a course: the journal's last word on each enrolment, and what stands behind it, down to the line of a feed.
 *
 * An enrolment by cohort sync stands on the membership of a cohort, one by meta link on an enrolment in the parent course, which
 * can stand on a cohort in turn. Moodle chains no further.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class reasons {
    /** @var \stdClass[] the journal's last word by 'user-enrolment method' */
    private array $own;
    /** @var \stdClass[] by 'user-parent course' */
    private array $parents;
    /** @var \stdClass[] by 'user-cohort' */
    private array $cohorts;
    /** @var \stdClass[] methods through which people are in parent courses, by id */
    private array $methods;
    /** @var bool[] methods that Greffe keeps, by id */
    private array $kept;

    /**
     * Reasons for some enrolments.
     *
     * @param \stdClass[] $enrolments as participants::page gives them
     */
    public function __construct(array $enrolments) {
        global $DB;
        $users = array_column($enrolments, 'userid');
        $ids = array_column($enrolments, 'enrolid');
        $this->own = self::last('enrolid', $users, $ids, actions::OF_ENROLMENT);
        $this->parents = self::last('courseid', $users, self::sources($enrolments, 'meta'), ['enrol', 'reactivate']);
        $through = array_unique(array_column($this->parents, 'enrolid'));
        $this->methods = $through ? $DB->get_records_list('enrol', 'id', $through, '', 'id, enrol, customint1') : [];
        $cohorts = array_merge(self::sources($enrolments, 'cohort'), self::sources($this->methods, 'cohort'));
        $this->cohorts = self::last('cohortid', $users, $cohorts, ['join-cohort']);
        $this->kept = self::kept($ids);
    }

    /**
     * The journal's last word on an enrolment; null where it has none.
     *
     * @param \stdClass $enrolment the enrolment
     * @return \stdClass|null row of the journal
     */
    public function change(\stdClass $enrolment): ?\stdClass {
        return $this->own["{$enrolment->userid}-{$enrolment->enrolid}"] ?? null;
    }

    /**
     * Whether Greffe keeps the method of an enrolment, now.
     *
     * @param \stdClass $enrolment the enrolment
     * @return bool
     */
    public function is_kept(\stdClass $enrolment): bool {
        return isset($this->kept[$enrolment->enrolid]);
    }

    /**
     * What stands behind an enrolment, from the nearest to the farthest.
     *
     * @param \stdClass $enrolment the enrolment
     * @return \stdClass[] through: course or cohort; id: which one; change: row of the journal or null
     */
    public function steps(\stdClass $enrolment): array {
        $steps = [];
        $method = $enrolment;
        if ($enrolment->enrol === 'meta') {
            $change = $this->parents["{$enrolment->userid}-{$enrolment->customint1}"] ?? null;
            $steps[] = (object) ['through' => 'course', 'id' => (int) $enrolment->customint1, 'change' => $change];
            $method = $change ? ($this->methods[$change->enrolid] ?? null) : null;
        }
        if ($method && $method->enrol === 'cohort') {
            $change = $this->cohorts["{$enrolment->userid}-{$method->customint1}"] ?? null;
            $steps[] = (object) ['through' => 'cohort', 'id' => (int) $method->customint1, 'change' => $change];
        }
        return $steps;
    }

    /**
     * What methods of a kind follow: cohorts or courses.
     *
     * @param \stdClass[] $methods rows with enrol and customint1
     * @param string $enrol the kind
     * @return int[]
     */
    private static function sources(array $methods, string $enrol): array {
        return array_column(array_filter($methods, fn($method) => $method->enrol === $enrol), 'customint1');
    }

    /**
     * The last change that still stands of each person in each place, by 'user-place'.
     *
     * What an undo took back, and the undo itself, are not why somebody is there.
     *
     * @param string $place column of the journal that names the place
     * @param int[] $users the people
     * @param int[] $places the places
     * @param string[] $actions which kinds of change
     * @return \stdClass[]
     */
    private static function last(string $place, array $users, array $places, array $actions): array {
        global $DB;
        if (!$users || !$places) {
            return [];
        }
        [$inusers, $users] = $DB->get_in_or_equal(array_unique($users), SQL_PARAMS_NAMED, 'user');
        [$inplaces, $places] = $DB->get_in_or_equal(array_unique($places), SQL_PARAMS_NAMED, 'place');
        [$inactions, $actions] = $DB->get_in_or_equal($actions, SQL_PARAMS_NAMED, 'action');
        $sql = "SELECT c.id, c.runid, c.action, c.courseid, c.enrolid, c.userid, c.cohortid, c.reason, c.feed, c.line, c.timecreated
                  FROM {local_greffe_change} c
                  JOIN (SELECT MAX(id) AS id
                          FROM {local_greffe_change}
                         WHERE userid $inusers AND $place $inplaces AND action $inactions AND undone = 0 AND reason <> :undo
                      GROUP BY userid, $place) latest ON latest.id = c.id";
        $found = [];
        foreach ($DB->get_records_sql($sql, $users + $places + $actions + ['undo' => 'undo']) as $change) {
            $found["{$change->userid}-{$change->$place}"] = $change;
        }
        return $found;
    }

    /**
     * Which methods Greffe keeps: those that a rule made or adopted, and the external database where a feed leads there.
     *
     * @param int[] $ids the methods
     * @return bool[]
     */
    private static function kept(array $ids): array {
        global $DB;
        if (!$ids) {
            return [];
        }
        [$in, $params] = $DB->get_in_or_equal(array_unique($ids), SQL_PARAMS_NAMED, 'method');
        [$inagain, $again] = $DB->get_in_or_equal(array_unique($ids), SQL_PARAMS_NAMED, 'instance');
        $sql = "SELECT enrolid FROM {local_greffe_method} WHERE owned = 1 AND enrolid $in
                 UNION
                SELECT e.id
                  FROM {enrol} e
                  JOIN {local_greffe_scope} s ON s.courseid = e.courseid
                 WHERE e.enrol = 'database' AND e.id $inagain";
        return array_fill_keys($DB->get_fieldset_sql($sql, $params + $again), true);
    }
}
