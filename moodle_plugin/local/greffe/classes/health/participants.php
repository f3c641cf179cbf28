<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\health;

use core_user\fields;

/**
 * The enrolments of a course, one by one, as far as the reader may see its people.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class participants {
    /** @var string[] conditions */
    private array $where = ['e.courseid = :course', 'u.deleted = 0'];
    /** @var array their values */
    private array $params;
    /** @var fields what is read of a person */
    private fields $fields;

    /**
     * The enrolments of a course.
     *
     * @param \stdClass $course the course
     * @param string $search part of a name, or of whatever else the reader may see of people; empty for all
     */
    public function __construct(\stdClass $course, string $search) {
        $context = \context_course::instance($course->id);
        $this->params = ['course' => $course->id];
        $this->fields = fields::for_identity($context, false)->with_name()->excluding('id');
        if ($search !== '') {
            $extra = array_map(fn($field) => "u.$field", $this->identity());
            [$where, $params] = users_search_sql($search, 'u', USER_SEARCH_CONTAINS, $extra);
            $this->where[] = $where;
            $this->params += $params;
        }
        if (!has_capability('moodle/course:viewsuspendedusers', $context)) {
            // As Moodle's own list of participants has it.
            $this->where[] = 'ue.status = 0 AND e.status = 0 AND ue.timestart < :now AND (ue.timeend = 0 OR ue.timeend > :again)';
            $this->params += ['now' => time(), 'again' => time()];
        }
        $this->only_own_groups($course, $context);
    }

    /**
     * What the reader may see of people besides their names: columns of the table of people.
     *
     * @return string[]
     */
    public function identity(): array {
        return $this->fields->get_required_fields([fields::PURPOSE_IDENTITY]);
    }

    /**
     * How many there are.
     *
     * @return int
     */
    public function count(): int {
        global $DB;
        return $DB->count_records_sql('SELECT COUNT(*) ' . $this->from(), $this->params);
    }

    /**
     * One page, by name.
     *
     * @param int $page which one, from 0
     * @param int $size how many there are on one
     * @return \stdClass[] id, userid, enrolid, status, enrol, customint1, methodname, and columns of the person
     */
    public function page(int $page, int $size): array {
        global $DB;
        $columns = $this->fields->get_sql('u')->selects;
        $sql = "SELECT ue.id, ue.userid, ue.enrolid, ue.status, e.enrol, e.customint1, e.name AS methodname $columns "
            . $this->from() . ' ORDER BY u.lastname, u.firstname, u.id, ue.id';
        return $DB->get_records_sql($sql, $this->params, $page * $size, $size);
    }

    /**
     * Where groups are separate, a reader without the right to see them all sees the people of his own.
     *
     * @param \stdClass $course the course
     * @param \context_course $context its context
     */
    private function only_own_groups(\stdClass $course, \context_course $context): void {
        global $DB, $USER;
        if (
            groups_get_course_groupmode($course) != SEPARATEGROUPS
            || has_capability('moodle/site:accessallgroups', $context)
        ) {
            return;
        }
        $groups = array_keys(groups_get_all_groups($course->id, $USER->id, $course->defaultgroupingid));
        [$in, $params] = $DB->get_in_or_equal($groups, SQL_PARAMS_NAMED, 'group', true, 0);
        $this->where[] = "EXISTS (SELECT 1 FROM {groups_members} gm WHERE gm.userid = ue.userid AND gm.groupid $in)";
        $this->params += $params;
    }

    /**
     * Tables and conditions.
     *
     * @return string
     */
    private function from(): string {
        return 'FROM {user_enrolments} ue
                JOIN {enrol} e ON e.id = ue.enrolid
                JOIN {user} u ON u.id = ue.userid
               WHERE ' . implode(' AND ', $this->where);
    }
}
