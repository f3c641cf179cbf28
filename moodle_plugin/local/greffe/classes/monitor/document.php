<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\monitor;

use local_greffe\check\base;
use local_greffe\health\feed;
use local_greffe\health\register;
use local_greffe\health\run;

/**
 * The register as one JSON document. Nobody's name, number or line is in it.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class document {
    /** Statuses of checks in words, by their Nagios number. */
    private const WORDS = ['ok', 'warning', 'critical', 'unknown'];

    /**
     * The document.
     *
     * @param register $register what it tells of
     * @return array
     */
    public static function of(register $register): array {
        $checks = [];
        foreach (base::all($register) as $check) {
            $checks[$check->get_id()] = metrics::STATUSES[$check->get_result()->get_status()];
        }
        // An unknown state is worse than a warning and better than what is known to be critical.
        $worst = array_intersect([2, 3, 1, 0], $checks);
        $backlog = $register->backlog();
        return [
            'status' => self::WORDS[reset($worst)],
            'made' => $register->now,
            'schema' => $register->schema(),
            'checks' => array_map(fn($number) => self::WORDS[$number], $checks),
            'last_run' => self::run($register->night(), $register->now),
            'last_good_run' => self::run($register->good(), $register->now),
            'feeds' => array_map(fn($feed) => self::feed($feed, $register), array_values($register->feeds())),
            'relay' => [
                'pending' => $backlog->pending, 'oldest_seconds' => $backlog->age($register->now), 'failures' => $backlog->failures,
            ],
            'findings' => array_map(fn($finding) => [
                'audit' => $finding->audit, 'severity' => $finding->severity, 'amount' => (int) $finding->amount,
                'time' => (int) $finding->timecreated,
            ], $register->findings()),
        ];
    }

    /**
     * One run.
     *
     * @param run|null $run the run
     * @param int $now the moment
     * @return array|null
     */
    private static function run(?run $run, int $now): ?array {
        return $run ? [
            'id' => $run->id, 'kind' => $run->kind, 'state' => $run->state, 'reason' => $run->reason, 'version' => $run->version,
            'started' => $run->started, 'ended' => $run->ended, 'seconds' => $run->took($now), 'changes' => $run->changes,
            'counts' => (object) $run->counts, 'digest' => $run->digest,
            'held' => $run->is_held(), 'holds_places' => $run->holds_places(), 'limits_reached' => count($run->verdicts),
        ] : null;
    }

    /**
     * One feed.
     *
     * @param feed $feed the feed
     * @param register $register what is known of it
     * @return array
     */
    private static function feed(feed $feed, register $register): array {
        return [
            'feed' => $feed->name, 'good' => $feed->is_good(), 'age_seconds' => $feed->age($register->now),
            'waiting_people' => $register->waiting()[$feed->name], 'figures' => $feed->figures,
        ];
    }
}
