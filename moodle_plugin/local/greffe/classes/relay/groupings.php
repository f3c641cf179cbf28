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
 * Groupings, and the groups in them: `groups_create_grouping`, `groups_assign_grouping` and `groups_unassign_grouping` in
 * group/lib.php.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class groupings extends family {
    /** @var stdClass[] groupings by id */
    private array $groupings;
    /** @var array "grouping group" → true, of what is together now */
    private array $together;

    #[\Override]
    public static function actions(): array {
        return ['create-grouping', 'join-grouping', 'leave-grouping'];
    }

    #[\Override]
    public static function choice(): string {
        return 'groups';
    }

    #[\Override]
    protected function look(): void {
        global $DB;
        $ids = array_values(array_unique(array_map(self::grouping(...), $this->changes)));
        $this->groupings = self::rows('groupings', $ids);
        $this->together = [];
        foreach ($ids ? $DB->get_records_list('groupings_groups', 'groupingid', $ids) : [] as $row) {
            $this->together["$row->groupingid $row->groupid"] = true;
        }
    }

    #[\Override]
    protected function standing(change $change): string {
        $grouping = $this->groupings[self::grouping($change)] ?? null;
        if (!$grouping || !context_course::instance($grouping->courseid, IGNORE_MISSING)) {
            return $change->action === 'create-grouping' ? outcome::GONE : outcome::NOPLACE;
        }
        $together = isset($this->together["$grouping->id $change->groupid"]);
        return match ($change->action) {
            'join-grouping' => $together ? '' : outcome::GONE,
            'leave-grouping' => $together ? outcome::BACK : '',
            default => '',
        };
    }

    #[\Override]
    public function tell(change $change, teller $teller): void {
        $grouping = $this->groupings[self::grouping($change)];
        $payload = ['context' => context_course::instance($grouping->courseid), 'objectid' => $grouping->id];
        if ($change->action === 'create-grouping') {
            $event = \core\event\grouping_created::create($payload);
        } else {
            $payload['other'] = ['groupid' => $change->groupid];
            $event = $change->action === 'join-grouping'
                ? \core\event\grouping_group_assigned::create($payload)
                : \core\event\grouping_group_unassigned::create($payload);
        }
        $teller->event($event);
    }

    /**
     * The grouping that a change is about.
     *
     * @param change $change one of the family
     * @return int its id
     */
    private static function grouping(change $change): int {
        if ($change->action === 'create-grouping') {
            return $change->objectid;
        }
        return (int) (($change->new ?? $change->old)->groupingid ?? 0);
    }
}
