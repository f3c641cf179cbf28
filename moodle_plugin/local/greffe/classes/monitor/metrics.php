<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\monitor;

use core\check\result;
use local_greffe\check\base;
use local_greffe\health\register;
use local_greffe\health\run;

/**
 * The register as numbers. Names, labels and meanings are those of docs/en/monitoring.md, which the engine writes too; nobody's
 * name, number or line is among them.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class metrics {
    /** Status of a check => as Nagios numbers it, like admin/cli/checks.php. */
    public const STATUSES = [
        result::NA => 0, result::OK => 0, result::INFO => 0, result::WARNING => 1, result::ERROR => 2, result::CRITICAL => 2,
        result::UNKNOWN => 3,
    ];

    /**
     * All metrics, in the order of the documentation.
     *
     * @param register $register what they tell of
     * @return metric[]
     */
    public static function of(register $register): array {
        return array_merge(self::site($register), self::night($register), self::feeds($register), self::rest($register));
    }

    /**
     * Of the site: versions and checks.
     *
     * @param register $register what they tell of
     * @return metric[]
     */
    private static function site(register $register): array {
        $info = new metric('greffe_info', 'The engine of the last night');
        if ($night = $register->night()) {
            $info->add(1, ['version' => $night->version]);
        }
        $schema = new metric('greffe_schema_version', 'Version of Greffe\'s own tables');
        $status = new metric('greffe_check_status', '0 ok, 1 warning, 2 critical, 3 unknown');
        foreach (base::all($register) as $check) {
            $status->add(self::STATUSES[$check->get_result()->get_status()], ['check' => $check->get_id()]);
        }
        return [$info, $schema->add((int) $register->schema()), $status];
    }

    /**
     * Of the last night.
     *
     * @param register $register what they tell of
     * @return metric[]
     */
    private static function night(register $register): array {
        $last = new metric('greffe_last_run_timestamp_seconds', 'When the last night ended, or began while it runs');
        $good = new metric('greffe_last_good_run_timestamp_seconds', 'When the last good night ended');
        $state = new metric('greffe_last_run_state', '1 for the state of the last night');
        $took = new metric('greffe_run_duration_seconds', 'How long the last night that ended took');
        $changes = new metric('greffe_changes', 'Changes that the last night made');
        $guard = new metric('greffe_guard_tripped', '1 if a guard holds the last night, whole or in part');
        $limits = new metric('greffe_guard_verdicts', 'Limits that the last night reached');
        if ($night = $register->night()) {
            $last->add($night->ended ?: $night->started);
            foreach (run::STATES as $name) {
                $state->add((int) ($night->state === $name), ['state' => $name]);
            }
            foreach ($night->counts as $action => $number) {
                $changes->add($number, ['action' => $action]);
            }
            $guard->add((int) ($night->is_held() || $night->holds_places()));
            $reached = array_count_values(array_column($night->verdicts, 'level'));
            foreach (['feed', 'course', 'cohort'] as $level) {
                $limits->add($reached[$level] ?? 0, ['level' => $level]);
            }
        }
        if ($found = $register->good()) {
            $good->add($found->ended);
        }
        if ($found = $register->ended()) {
            $took->add($found->took($register->now));
        }
        return [$last, $good, $state, $took, $changes, $guard, $limits];
    }

    /**
     * Of the feeds.
     *
     * @param register $register what they tell of
     * @return metric[]
     */
    private static function feeds(register $register): array {
        $age = new metric('greffe_feed_age_seconds', 'How old the feed is that the last night read');
        $rows = new metric('greffe_feed_rows', 'Rows that were delivered');
        $people = new metric('greffe_feed_people', 'People whom the rows that count name');
        $good = new metric('greffe_feed_good', '1 if the feed could be trusted');
        foreach ($register->feeds() as $name => $feed) {
            if (($seconds = $feed->age($register->now)) !== null) {
                $age->add($seconds, ['feed' => $name]);
            }
            $rows->add($feed->figures['rows'], ['feed' => $name]);
            $people->add($feed->figures['people'], ['feed' => $name]);
            $good->add((int) $feed->is_good(), ['feed' => $name]);
        }
        $waiting = new metric('greffe_waiting_people', 'People without account whom the feed names');
        foreach (array_intersect_key($register->waiting(), $register->feeds()) as $name => $number) {
            $waiting->add($number, ['feed' => $name]);
        }
        return [$age, $rows, $people, $good, $waiting];
    }

    /**
     * Of the relay and the audits.
     *
     * @param register $register what they tell of
     * @return metric[]
     */
    private static function rest(register $register): array {
        $pending = new metric('greffe_relay_pending', 'Changes that Moodle has not been told of yet');
        $oldest = new metric('greffe_relay_oldest_seconds', 'Age of the oldest of these');
        $failures = new metric('greffe_relay_failures', 'Changes of the last 24 hours whose relay failed');
        if ($register->schema() !== '') {
            $backlog = $register->backlog();
            $pending->add($backlog->pending);
            $oldest->add($backlog->age($register->now));
            $failures->add($backlog->failures);
        }
        $audit = new metric('greffe_last_audit_timestamp_seconds', 'When the last audit was made');
        $findings = new metric('greffe_findings', 'Rows that the latest run of each audit found');
        $sums = [];
        foreach ($register->findings() as $finding) {
            $sums[$finding->severity] = ($sums[$finding->severity] ?? 0) + (int) $finding->amount;
        }
        foreach ($sums as $severity => $amount) {
            $findings->add($amount, ['severity' => $severity]);
        }
        if ($times = array_column($register->findings(), 'timecreated')) {
            $audit->add((int) max($times));
        }
        return [$pending, $oldest, $failures, $audit, $findings];
    }
}
