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
 * Enrolment methods themselves: `enrol_plugin::add_instance`, `update_instance`, `update_status` and `delete_instance` in
 * lib/enrollib.php.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class methods extends family {
    /** @var stdClass[] instances by id */
    private array $instances;

    /**
     * Instances that Greffe has deleted, as they were.
     *
     * @param int[] $ids of instances that are not there
     * @return stdClass[] by id, those of them that the journal knows
     */
    public static function deleted(array $ids): array {
        global $DB;
        if (!$ids) {
            return [];
        }
        // Enrolments by a method that went with it name the same instance: this leads to them by an index.
        [$in, $params] = $DB->get_in_or_equal(array_values($ids), SQL_PARAMS_NAMED);
        $sql = "SELECT d.id, d.runid, d.action, d.courseid, d.enrolid, d.userid, d.objectid, d.roleid, d.groupid, d.cohortid,
                       d.reason, d.undone, d.oldrow, d.newrow
                  FROM {local_greffe_change} d
                 WHERE d.userid = 0 AND d.action = :action AND d.enrolid $in
              ORDER BY d.id";
        $found = [];
        foreach ($DB->get_records_sql($sql, $params + ['action' => 'delete-method']) as $row) {
            $change = new change($row);
            $found[$change->enrolid] = $change->old;
        }
        return $found;
    }

    /**
     * Whether a change wrote anything but the clock.
     *
     * @param change $change with a row as it was and what was written
     * @return bool
     */
    public static function differs(change $change): bool {
        foreach ((array) $change->new as $column => $value) {
            if ($column !== 'timemodified' && ($change->old->$column ?? null) != $value) {
                return true;
            }
        }
        return false;
    }

    #[\Override]
    public static function actions(): array {
        return ['create-method', 'restore-method', 'update-method', 'adopt-method', 'release-method', 'disable-method',
            'delete-method'];
    }

    #[\Override]
    protected function look(): void {
        $this->instances = self::rows('enrol', $this->all('enrolid'));
    }

    #[\Override]
    protected function standing(change $change): string {
        if (!context_course::instance($change->courseid, IGNORE_MISSING)) {
            return outcome::NOPLACE;
        }
        $there = isset($this->instances[$change->enrolid]);
        if ($change->action === 'delete-method') {
            return $there ? outcome::BACK : '';
        }
        if (!$there) {
            return outcome::GONE;
        }
        if (in_array($change->action, ['create-method', 'restore-method'], true)) {
            return '';
        }
        if (!self::differs($change)) {
            return outcome::QUIET; // It only became ours, or nobody's: nothing of it changed.
        }
        return $this->history->superseded($change) ? outcome::SUPERSEDED : '';
    }

    #[\Override]
    public function tell(change $change, teller $teller): void {
        switch ($change->action) {
            case 'create-method':
            case 'restore-method':
                $teller->event(\core\event\enrol_instance_created::create_from_record($this->instances[$change->enrolid]));
                break;
            case 'delete-method':
                $teller->hook(new \core_enrol\hook\before_enrol_instance_deleted($change->old));
                $teller->event(\core\event\enrol_instance_deleted::create_from_record($change->old));
                break;
            default:
                $instance = $this->instances[$change->enrolid];
                if ($change->old->status != $change->new->status) {
                    $teller->hook(new \core_enrol\hook\after_enrol_instance_status_updated($instance, (int) $instance->status));
                }
                $teller->event(\core\event\enrol_instance_updated::create_from_record($instance));
        }
    }
}
