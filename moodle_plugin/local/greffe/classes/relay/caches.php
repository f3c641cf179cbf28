<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\relay;

use cache;
use cache_helper;
use context_course;
use core_course_category;

/**
 * Moodle's caches outside the database that a slice of changes makes stale (moodle-writes §0.5): each key once.
 *
 * A change of which Moodle is not told makes them stale as well: somebody may have looked between it and what took it back.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class caches {
    /** @var array course → true, where enrolments changed */
    private array $enrolled = [];
    /** @var array course → true, where somebody was suspended, or is active again */
    private array $suspended = [];
    /** @var array role → course → true, where roles changed */
    private array $roles = [];
    /** @var array person → true, whose groups changed */
    private array $people = [];
    /** @var array course → true, where members of groups changed */
    private array $members = [];
    /** @var array course → true, where groups or groupings were made */
    private array $groups = [];
    /** @var bool whether groups came into groupings, or out of them */
    private bool $regrouped = false;

    /**
     * Note what a change makes stale.
     *
     * @param change $change any change
     */
    public function note(change $change): void {
        switch ($change->action) {
            case 'suspend':
            case 'reactivate':
            case 'set-times':
                $this->suspended[$change->courseid] = true;
                // Whoever is suspended, or active again, may be among the contacts, too.
            case 'enrol':
            case 'unenrol':
                $this->enrolled[$change->courseid] = true;
                break;
            case 'assign-role':
            case 'remove-role':
                $this->roles[$change->roleid][$change->courseid] = true;
                break;
            case 'join-group':
            case 'leave-group':
                $this->people[$change->userid] = true;
                $this->members[$change->courseid] = true;
                break;
            case 'join-grouping':
            case 'leave-grouping':
                $this->regrouped = true;
                // What a course knows of its groupings is stale as well.
            case 'create-group':
            case 'create-grouping':
                $this->groups[$change->courseid] = true;
                break;
        }
    }

    /**
     * Drop what was noted: before anybody is told, so that nobody works with what was true before.
     */
    public function drop(): void {
        // What this very process remembers of people's rights; it would also grow with each person.
        accesslib_clear_all_caches(false);
        $this->drop_contacts();
        if ($this->suspended) {
            cache_helper::invalidate_by_definition('core', 'suspended_userids', [], array_keys($this->suspended));
        }
        if ($this->regrouped) { // Of everybody, as groups_assign_grouping does.
            cache_helper::purge_by_definition('core', 'user_group_groupings');
        } else if ($this->people) {
            cache_helper::invalidate_by_definition('core', 'user_group_groupings', [], array_keys($this->people));
        }
        if ($this->members) {
            cache_helper::invalidate_by_event('changesincoursestate', array_keys($this->members));
        }
        if ($this->groups) {
            cache_helper::invalidate_by_definition('core', 'groupdata', [], array_keys($this->groups));
            foreach (array_keys($this->groups) as $courseid) {
                if (context_course::instance($courseid, IGNORE_MISSING)) {
                    \core_group\visibility::update_hiddengroups_cache($courseid);
                }
            }
        }
    }

    /**
     * The people whom the list of courses names as contacts (core_course_category::role_assignment_changed and
     * ::user_enrolment_changed).
     */
    private function drop_contacts(): void {
        global $CFG;
        if ($this->roles) {
            cache_helper::purge_by_event('changesincategoryenrolment');
            $contacts = array_intersect_key($this->roles, array_flip(explode(',', $CFG->coursecontact ?? '')));
            $courses = array_reduce($contacts, fn($all, $more) => $all + $more, []);
            cache::make('core', 'coursecontacts')->delete_many(array_keys($courses));
        }
        foreach (array_keys($this->enrolled) as $courseid) {
            core_course_category::user_enrolment_changed($courseid, 0, ENROL_USER_ACTIVE);
        }
    }
}
