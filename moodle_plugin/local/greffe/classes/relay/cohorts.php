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
 * Cohorts, and who is in them: cohort/lib.php.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class cohorts extends family {
    /** @var stdClass[] cohorts by id */
    private array $cohorts;
    /** @var stdClass[] memberships by id */
    private array $members;
    /** @var array "cohort person" → true, of those who left and are in it again */
    private array $back;

    #[\Override]
    public static function actions(): array {
        return ['create-cohort', 'restore-cohort', 'update-cohort', 'adopt-cohort', 'release-cohort', 'delete-cohort',
            'join-cohort', 'leave-cohort'];
    }

    #[\Override]
    protected function look(): void {
        $this->cohorts = self::rows('cohort', $this->all('cohortid'));
        $this->members = self::rows('cohort_members', $this->all('objectid', 'join-cohort'));
        $left = $this->all('cohortid', 'leave-cohort');
        $this->back = self::pairs('cohort_members', 'cohortid', $left, $this->all('userid', 'leave-cohort'));
    }

    #[\Override]
    protected function standing(change $change): string {
        $cohort = $this->cohort($change);
        if (!$cohort) {
            return $change->userid ? outcome::NOPLACE : outcome::GONE;
        }
        if (empty($cohort->contextid) || !context::instance_by_id($cohort->contextid, IGNORE_MISSING)) {
            return outcome::NOPLACE;
        }
        switch ($change->action) {
            case 'delete-cohort':
                return isset($this->cohorts[$change->cohortid]) ? outcome::BACK : '';
            case 'leave-cohort':
                return isset($this->back["$change->cohortid $change->userid"]) ? outcome::BACK : '';
            case 'join-cohort':
                $now = $this->members[$change->objectid] ?? null;
                return $now && $now->cohortid == $change->cohortid && $now->userid == $change->userid ? '' : outcome::GONE;
            case 'create-cohort':
            case 'restore-cohort':
                return '';
        }
        if (!methods::differs($change)) {
            return outcome::QUIET; // It only became ours, or nobody's: nothing of it changed.
        }
        return $this->history->superseded($change) ? outcome::SUPERSEDED : '';
    }

    #[\Override]
    public function tell(change $change, teller $teller): void {
        $cohort = $this->cohort($change);
        $payload = ['context' => context::instance_by_id($cohort->contextid), 'objectid' => $cohort->id];
        if ($change->userid) {
            $payload['relateduserid'] = $change->userid;
        }
        $event = match ($change->action) {
            'create-cohort', 'restore-cohort' => \core\event\cohort_created::create($payload),
            'delete-cohort' => \core\event\cohort_deleted::create($payload),
            'join-cohort' => \core\event\cohort_member_added::create($payload),
            'leave-cohort' => \core\event\cohort_member_removed::create($payload),
            default => \core\event\cohort_updated::create($payload),
        };
        if (!$event instanceof \core\event\cohort_updated) {
            $event->add_record_snapshot('cohort', $cohort);
        }
        $teller->event($event);
    }

    /**
     * The cohort that a change is about.
     *
     * @param change $change the change
     * @return stdClass|null as it is; of one that was deleted, as it was
     */
    private function cohort(change $change): ?stdClass {
        return $change->action === 'delete-cohort' ? $change->old : ($this->cohorts[$change->cohortid] ?? null);
    }
}
