<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\arrival;

use context_course;
use local_greffe\allowance;
use stdClass;

/**
 * Gives one person the places that wait for him, through Moodle's own API, so that its events happen by themselves.
 *
 * What is there already is left as it is. What is not plain (a course that is gone, an enrolment that somebody suspended) stays
 * in the list, and the next night decides.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class settlement {
    /** @var string the enrolment method of the places */
    private const METHOD = 'database';

    /** @var string who gives the roles and groups that come through it */
    private const COMPONENT = 'enrol_database';

    /** @var int whose places they are */
    private int $userid;

    /** @var allowance time for it */
    private allowance $time;

    /** @var journal what was done */
    private journal $journal;

    /** @var int[] rows of the list that are settled */
    private array $settled = [];

    /**
     * For one person.
     *
     * @param int $userid
     * @param allowance $time for it
     */
    public function __construct(int $userid, allowance $time) {
        $this->userid = $userid;
        $this->time = $time;
        $this->journal = new journal();
    }

    /**
     * Carry out rows of the list: all of them with their journal, or none.
     *
     * @param stdClass[] $rows rows of local_greffe_waiting
     * @return bool whether anything was changed
     */
    public function carry_out(array $rows): bool {
        global $DB;

        $courses = $cohorts = [];
        foreach ($rows as $row) {
            if ($row->courseid) {
                $courses[$row->courseid][] = $row;
            } else {
                $cohorts[] = $row;
            }
        }
        $transaction = $DB->start_delegated_transaction();
        try {
            foreach ($cohorts as $row) {
                if ($this->in_time()) {
                    $this->into_cohort($row);
                }
            }
            foreach ($courses as $courseid => $wanted) {
                if ($this->in_time()) {
                    $this->into_course($courseid, $wanted);
                }
            }
            $written = $this->journal->write();
            $DB->delete_records_list('local_greffe_waiting', 'id', $this->settled);
            $transaction->allow_commit();
            return $written > 0;
        } catch (\Throwable $error) {
            if (!$transaction->is_disposed()) {
                $transaction->rollback($error);
            }
            throw $error;
        }
    }

    /**
     * Whether there is time for one more place.
     *
     * @return bool
     */
    private function in_time(): bool {
        return !$this->time->is_over();
    }

    /**
     * Put the person into a cohort, if it is Greffe's.
     *
     * @param stdClass $row
     */
    private function into_cohort(stdClass $row): void {
        global $CFG, $DB;

        require_once($CFG->dirroot . '/cohort/lib.php');
        $sql = "SELECT c.id FROM {local_greffe_cohort} k JOIN {cohort} c ON c.id = k.cohortid
                 WHERE k.feed = :feed AND k.owned = 1 AND c.idnumber = :idnumber ORDER BY c.id";
        $ids = $DB->get_fieldset_sql($sql, ['feed' => $row->feed, 'idnumber' => $row->cohort]);
        if (!$ids) {
            return;
        }
        $place = ['cohortid' => (int) $ids[0], 'userid' => $this->userid];
        if (!$DB->record_exists('cohort_members', $place)) {
            cohort_add_member($place['cohortid'], $this->userid);
            $id = (int) $DB->get_field('cohort_members', 'MIN(id)', $place, MUST_EXIST);
            $this->journal->add('join-cohort', $row, $place + ['objectid' => $id], 'cohort_members');
        }
        $this->settled[] = $row->id;
    }

    /**
     * Give the person what waits in one course.
     *
     * @param int $courseid
     * @param stdClass[] $rows
     */
    private function into_course(int $courseid, array $rows): void {
        global $DB;

        $plugin = enrol_get_plugin(self::METHOD);
        $course = $DB->get_record('course', ['id' => $courseid]);
        $context = context_course::instance($courseid, IGNORE_MISSING);
        $known = $DB->get_records_list('role', 'id', array_unique(array_column($rows, 'roleid')), '', 'id');
        $rows = array_filter($rows, fn($row) => isset($known[$row->roleid]));
        if (!$rows || !$plugin || !enrol_is_enabled(self::METHOD) || !$course || $courseid === (int) SITEID || !$context) {
            return;
        }
        $instance = $this->instance($plugin, $course, reset($rows));
        $enrolling = array_filter($rows, fn($row) => !$row->alone);
        if ($enrolling && !$this->enrol($plugin, $instance, $enrolling)) {
            return;
        }
        foreach ($rows as $row) {
            $this->give_role($instance, $context, $row);
        }
        foreach ($enrolling as $row) {
            if ($row->groupname !== '') {
                $this->into_group($instance, $row);
            }
        }
        array_push($this->settled, ...array_values(array_column($rows, 'id')));
    }

    /**
     * The course's instance of the method: the lowest, or a new one.
     *
     * @param \enrol_plugin $plugin
     * @param stdClass $course
     * @param stdClass $row
     * @return stdClass
     */
    private function instance(\enrol_plugin $plugin, stdClass $course, stdClass $row): stdClass {
        global $DB;

        $place = ['enrol' => self::METHOD, 'courseid' => $course->id];
        $there = $DB->get_records('enrol', $place, 'id', '*', 0, 1);
        if ($there) {
            return reset($there);
        }
        $id = (int) $plugin->add_instance($course);
        $this->journal->add('create-method', $row, ['courseid' => $course->id, 'enrolid' => $id, 'objectid' => $id]);
        return $DB->get_record('enrol', ['id' => $id], '*', MUST_EXIST);
    }

    /**
     * Enrol the person, within limits that cover all that is said of him.
     *
     * @param \enrol_plugin $plugin
     * @param stdClass $instance
     * @param stdClass[] $rows
     * @return bool whether he is enrolled so now; false: he was already, but in another way
     */
    private function enrol(\enrol_plugin $plugin, stdClass $instance, array $rows): bool {
        global $DB;

        $starts = array_map('intval', array_column($rows, 'timestart'));
        $ends = array_map('intval', array_column($rows, 'timeend'));
        $start = min($starts);
        $end = in_array(0, $ends) ? 0 : max($ends);
        $place = ['enrolid' => $instance->id, 'userid' => $this->userid];
        $there = $DB->get_record('user_enrolments', $place);
        if ($there) {
            $limits = [(int) $there->timestart, (int) $there->timeend];
            return (int) $there->status === ENROL_USER_ACTIVE && $limits === [$start, $end];
        }
        $plugin->enrol_user($instance, $this->userid, null, $start, $end, ENROL_USER_ACTIVE, false);
        $id = (int) $DB->get_field('user_enrolments', 'id', $place, MUST_EXIST);
        $this->journal->add('enrol', reset($rows), $this->place($instance) + ['objectid' => $id], 'user_enrolments');
        return true;
    }

    /**
     * Give the person a role through the method.
     *
     * @param stdClass $instance
     * @param context_course $context
     * @param stdClass $row
     */
    private function give_role(stdClass $instance, context_course $context, stdClass $row): void {
        global $DB;

        $held = [
            'roleid' => $row->roleid, 'contextid' => $context->id, 'userid' => $this->userid,
            'component' => self::COMPONENT, 'itemid' => $instance->id,
        ];
        if ($DB->record_exists('role_assignments', $held)) {
            return;
        }
        $id = (int) role_assign($row->roleid, $this->userid, $context->id, self::COMPONENT, $instance->id);
        $columns = $this->place($instance) + ['roleid' => $row->roleid, 'objectid' => $id];
        $this->journal->add('assign-role', $row, $columns, 'role_assignments');
    }

    /**
     * Put the person into a group by its name, which is made where there is none; with it into its conversation.
     *
     * @param stdClass $instance
     * @param stdClass $row
     */
    private function into_group(stdClass $instance, stdClass $row): void {
        global $CFG, $DB;

        require_once($CFG->dirroot . '/group/lib.php');
        $groupid = $this->group((int) $instance->courseid, $row);
        $member = ['groupid' => $groupid, 'userid' => $this->userid];
        if ($DB->record_exists('groups_members', $member)) {
            return;
        }
        $talks = "SELECT m.id FROM {message_conversation_members} m JOIN {message_conversations} c ON c.id = m.conversationid
                   WHERE c.component = 'core_group' AND c.itemtype = 'groups' AND c.itemid = :groupid AND m.userid = :userid";
        $before = $DB->get_fieldset_sql($talks, $member);
        groups_add_member($groupid, $this->userid, self::COMPONENT, (int) $instance->id);
        $columns = $this->place($instance) + ['groupid' => $groupid];
        $id = (int) $DB->get_field('groups_members', 'id', $member, MUST_EXIST);
        $this->journal->add('join-group', $row, $columns + ['objectid' => $id], 'groups_members');
        foreach (array_diff($DB->get_fieldset_sql($talks, $member), $before) as $id) {
            $columns['objectid'] = (int) $id;
            $this->journal->add('join-conversation', $row, $columns, 'message_conversation_members');
        }
    }

    /**
     * The group of that very name, the oldest of several.
     *
     * @param int $courseid
     * @param stdClass $row
     * @return int
     */
    private function group(int $courseid, stdClass $row): int {
        global $DB;

        $alike = $DB->get_records('groups', ['courseid' => $courseid, 'name' => $row->groupname], 'id', 'id, name');
        foreach ($alike as $group) {
            if ($group->name === $row->groupname) {  // The database may be blind to case.
                return (int) $group->id;
            }
        }
        $id = (int) groups_create_group((object) ['courseid' => $courseid, 'name' => $row->groupname, 'idnumber' => '']);
        $this->journal->add('create-group', $row, ['courseid' => $courseid, 'groupid' => $id, 'objectid' => $id]);
        return $id;
    }

    /**
     * What every change in a course concerns.
     *
     * @param stdClass $instance
     * @return array
     */
    private function place(stdClass $instance): array {
        return ['courseid' => $instance->courseid, 'enrolid' => $instance->id, 'userid' => $this->userid];
    }
}
