<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\relay;

use context_course;
use local_greffe\actions;
use stdClass;

/**
 * Who is enrolled: `enrol_plugin::enrol_user`, `update_user_enrol` and `unenrol_user` in lib/enrollib.php.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class enrolments extends family {
    /** An enrolment, in the order of the table: Moodle's log has it so. */
    private const COLUMNS = ['id', 'status', 'enrolid', 'userid', 'timestart', 'timeend', 'modifierid', 'timecreated',
        'timemodified'];

    /** @var stdClass[] enrolments by id */
    private array $enrolments;
    /** @var stdClass[] instances by id; of those that are gone, what they were */
    private array $instances;
    /** @var array "instance person" → true, of those who left and are enrolled by it again */
    private array $back;
    /** @var array "course person" → true, of those who left and are in the course */
    private array $within = [];

    #[\Override]
    public static function actions(): array {
        return actions::OF_ENROLMENT;
    }

    #[\Override]
    protected function look(): void {
        global $DB;
        $this->enrolments = self::rows('user_enrolments', $this->all('objectid', 'enrol', 'reactivate', 'set-times', 'suspend'));
        $this->instances = self::rows('enrol', $this->all('enrolid'));
        $this->instances += methods::deleted(array_diff($this->all('enrolid'), array_keys($this->instances)));
        $leavers = $this->all('userid', 'unenrol');
        $this->back = self::pairs('user_enrolments', 'enrolid', $this->all('enrolid', 'unenrol'), $leavers);
        if ($leavers) {
            [$courses, $params] = $DB->get_in_or_equal($this->all('courseid', 'unenrol'), SQL_PARAMS_NAMED, 'c');
            [$people, $more] = $DB->get_in_or_equal($leavers, SQL_PARAMS_NAMED, 'u');
            $sql = "SELECT ue.id, e.courseid, ue.userid FROM {user_enrolments} ue JOIN {enrol} e ON e.id = ue.enrolid
                     WHERE e.courseid $courses AND ue.userid $people";
            foreach ($DB->get_records_sql($sql, $params + $more) as $row) {
                $this->within[$row->courseid . ' ' . $row->userid] = true;
            }
        }
    }

    #[\Override]
    protected function standing(change $change): string {
        if (!isset($this->instances[$change->enrolid]) || !context_course::instance($change->courseid, IGNORE_MISSING)) {
            return outcome::NOPLACE;
        }
        if ($change->action === 'unenrol') {
            return isset($this->back["$change->enrolid $change->userid"]) ? outcome::BACK : '';
        }
        $now = $this->enrolments[$change->objectid] ?? null;
        if (!$now || $now->enrolid != $change->enrolid || $now->userid != $change->userid) {
            return outcome::GONE;
        }
        if ($change->action === 'enrol') {
            return '';
        }
        if ($this->history->superseded($change)) {
            return outcome::SUPERSEDED;
        }
        foreach (['status', 'timestart', 'timeend'] as $column) {
            if (isset($change->new->$column) && $now->$column != $change->new->$column) {
                return outcome::GONE;
            }
        }
        return '';
    }

    #[\Override]
    public function tell(change $change, teller $teller): void {
        $instance = $this->instances[$change->enrolid];
        if ($change->action === 'enrol') {
            $enrolment = $this->enrolments[$change->objectid];
            $teller->event(\core\event\user_enrolment_created::create($this->payload($change, $instance)));
            $teller->hook(new \core_enrol\hook\after_user_enrolled($instance, $enrolment, $change->roleid ?: null));
        } else if ($change->action === 'unenrol') {
            $this->tell_end($change, $instance, $teller);
        } else {
            $enrolment = $this->enrolments[$change->objectid];
            $teller->hook(new \core_enrol\hook\before_user_enrolment_updated(
                $instance,
                $enrolment,
                isset($change->old->status) && $change->old->status != $enrolment->status,
                isset($change->old->timeend) && $change->old->timeend != $enrolment->timeend,
            ));
            $teller->event(\core\event\user_enrolment_updated::create($this->payload($change, $instance)));
        }
    }

    /**
     * Tell of an unenrolment. The event says whether it was the last one in the course: what observers clear away then is
     * gone already, and somebody who is in the course again must not lose what is new.
     *
     * @param change $change the unenrolment
     * @param stdClass $instance the method
     * @param teller $teller who tells
     */
    private function tell_end(change $change, stdClass $instance, teller $teller): void {
        $was = new stdClass();
        foreach (self::COLUMNS as $name) {
            $was->$name = $change->old->$name;
        }
        $teller->hook(new \core_enrol\hook\before_user_enrolment_removed($instance, clone $was));
        $was->courseid = $instance->courseid;
        $was->enrol = $instance->enrol;
        $last = $change->takes_back() || !empty($change->new->lastenrol);
        $was->lastenrol = $last && !isset($this->within["$change->courseid $change->userid"]);
        $payload = $this->payload($change, $instance);
        $payload['other'] = ['userenrolment' => (array) $was, 'enrol' => $instance->enrol];
        $teller->event(\core\event\user_enrolment_deleted::create($payload));
    }

    /**
     * What all three events carry.
     *
     * @param change $change the change
     * @param stdClass $instance the method
     * @return array
     */
    private function payload(change $change, stdClass $instance): array {
        return [
            'objectid' => $change->objectid,
            'courseid' => $change->courseid,
            'context' => context_course::instance($change->courseid),
            'relateduserid' => $change->userid,
            'other' => ['enrol' => $instance->enrol],
        ];
    }
}
