<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\relay;

use context;
use stdClass;

/**
 * Who holds which role: `role_assign` and `role_unassign_all` in lib/accesslib.php.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class roles extends family {
    /** @var stdClass[] assignments by id */
    private array $assignments;
    /** @var array what tells an assignment from others → true, of what was removed and is there again */
    private array $back = [];

    #[\Override]
    public static function actions(): array {
        return ['assign-role', 'remove-role'];
    }

    #[\Override]
    protected function look(): void {
        global $DB;
        $this->assignments = self::rows('role_assignments', $this->all('objectid', 'assign-role'));
        $contexts = [];
        foreach ($this->changes as $change) {
            if ($change->action === 'remove-role') {
                $contexts[$change->old->contextid] = $change->old->contextid;
            }
        }
        if ($contexts) {
            [$in, $params] = $DB->get_in_or_equal($contexts, SQL_PARAMS_NAMED, 'c');
            [$who, $more] = $DB->get_in_or_equal($this->all('userid', 'remove-role'), SQL_PARAMS_NAMED, 'u');
            $found = $DB->get_recordset_select('role_assignments', "userid $who AND contextid $in", $params + $more);
            foreach ($found as $row) {
                $this->back[self::key($row)] = true;
            }
            $found->close();
        }
    }

    #[\Override]
    protected function standing(change $change): string {
        $row = $this->row($change);
        if (!$row || $row->userid != $change->userid || $row->roleid != $change->roleid) {
            return outcome::GONE;
        }
        if (!context::instance_by_id($row->contextid, IGNORE_MISSING)) {
            return outcome::NOPLACE;
        }
        return $change->action === 'remove-role' && isset($this->back[self::key($row)]) ? outcome::BACK : '';
    }

    #[\Override]
    public function tell(change $change, teller $teller): void {
        $row = $this->row($change);
        $context = context::instance_by_id($row->contextid);
        $added = $change->action === 'assign-role';
        $payload = [
            'context' => $context,
            'objectid' => $row->roleid,
            'relateduserid' => $row->userid,
            'other' => ['id' => $added ? (int) $row->id : $row->id, 'component' => $row->component, 'itemid' => $row->itemid],
        ];
        $event = $added ? \core\event\role_assigned::create($payload) : \core\event\role_unassigned::create($payload);
        $event->add_record_snapshot('role_assignments', $row);
        $teller->event($event);
        if ($added) {
            $teller->hook(new \core\hook\access\after_role_assigned($context, (int) $row->userid));
        } else if ($context->contextlevel <= CONTEXT_COURSE) {
            // Moodle dispatches no hook for what goes from the activities of a course with a last enrolment.
            $teller->hook(new \core\hook\access\after_role_unassigned($context, (int) $row->userid));
        }
    }

    /**
     * The assignment that a change is about.
     *
     * @param change $change the change
     * @return stdClass|null as it is, or was
     */
    private function row(change $change): ?stdClass {
        return $change->action === 'remove-role' ? $change->old : ($this->assignments[$change->objectid] ?? null);
    }

    /**
     * What tells an assignment from others, its id aside.
     *
     * @param stdClass $row the assignment
     * @return string
     */
    private static function key(stdClass $row): string {
        return "$row->roleid $row->contextid $row->userid $row->component $row->itemid";
    }
}
