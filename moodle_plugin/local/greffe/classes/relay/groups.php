<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\relay;

use context_course;
use stdClass;

/**
 * Groups, and who is in them: `groups_create_group`, `groups_add_member` and `groups_remove_member` in group/lib.php.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class groups extends family {
    /** @var stdClass[] groups by id */
    private array $groups;
    /** @var stdClass[] memberships by id */
    private array $memberships;
    /** @var array "group person" → true, of those who left and are in it again */
    private array $back;

    #[\Override]
    public static function actions(): array {
        return ['create-group', 'join-group', 'leave-group'];
    }

    #[\Override]
    protected function look(): void {
        $this->groups = self::rows('groups', $this->all('groupid'));
        $this->memberships = self::rows('groups_members', $this->all('objectid', 'join-group'));
        $left = $this->all('groupid', 'leave-group');
        $this->back = self::pairs('groups_members', 'groupid', $left, $this->all('userid', 'leave-group'));
    }

    #[\Override]
    protected function standing(change $change): string {
        $group = $this->groups[$change->groupid] ?? null;
        if (!$group || !context_course::instance($group->courseid, IGNORE_MISSING)) {
            return $change->action === 'create-group' ? outcome::GONE : outcome::NOPLACE;
        }
        if ($change->action === 'leave-group') {
            return isset($this->back["$change->groupid $change->userid"]) ? outcome::BACK : '';
        }
        if ($change->action === 'join-group') {
            $now = $this->memberships[$change->objectid] ?? null;
            return $now && $now->groupid == $change->groupid && $now->userid == $change->userid ? '' : outcome::GONE;
        }
        return '';
    }

    #[\Override]
    public function tell(change $change, teller $teller): void {
        $group = $this->groups[$change->groupid];
        $payload = ['context' => context_course::instance($group->courseid), 'objectid' => $group->id];
        if ($change->userid) {
            $payload['relateduserid'] = $change->userid;
        }
        switch ($change->action) {
            case 'create-group':
                $event = \core\event\group_created::create($payload);
                $hook = new \core_group\hook\after_group_created($group);
                break;
            case 'join-group':
                $now = $this->memberships[$change->objectid];
                $payload['other'] = ['component' => $now->component, 'itemid' => $now->itemid];
                $event = \core\event\group_member_added::create($payload);
                $hook = new \core_group\hook\after_group_membership_added($group, [$change->userid]);
                break;
            default:
                $event = \core\event\group_member_removed::create($payload);
                $hook = new \core_group\hook\after_group_membership_removed($group, [$change->userid]);
        }
        $event->add_record_snapshot('groups', $group);
        $teller->event($event);
        $teller->hook($hook);
    }
}
