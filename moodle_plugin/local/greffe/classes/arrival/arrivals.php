<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\arrival;

use coding_exception;
use core_text;
use local_greffe\allowance;
use local_greffe\primary;
use local_greffe\relay\teller;
use Throwable;

/**
 * People who get their places as soon as their account appears: at once by the events of accounts, the rest by a task.
 *
 * A login must not suffer: nothing here lasts longer than about a second, and nothing that goes wrong is the visitor's affair.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class arrivals {
    /** @var float seconds that an event waits for Greffe's lock */
    private const WAIT = 0.3;

    /** @var float seconds after which an event leaves further places to the task */
    private const BUDGET = 0.8;

    /** @var float seconds that the task waits for Greffe's lock, and has for one person: a night waits five seconds for it */
    private const PATIENCE = 3.0;

    /** @var float seconds after which the task leaves the rest to its next run */
    private const SHIFT = 40.0;

    /**
     * Give an account the places that wait for it, as many as there is time for. Never throws.
     *
     * @param int $userid
     */
    public static function at_once(int $userid): void {
        global $CFG, $DB;

        try {
            $upgrading = (int) ($CFG->upgraderunning ?? 0) > time();
            if ($upgrading || !self::enabled() || $DB->is_transaction_started()) {
                return;
            }
            if (!(new waiting())->for_account($userid)) {
                return;
            }
            (new failures())->forget($userid);
            self::settle($userid, self::WAIT, self::BUDGET);
        } catch (Throwable $error) {
            self::note($error);
        }
    }

    /**
     * Give everybody who waits and has an account by now his places.
     *
     * @return int people who got something; -1 where another Greffe was at work
     */
    public static function later(): int {
        if (!self::enabled()) {
            return 0;
        }
        $shift = new allowance(self::SHIFT);
        $settled = 0;
        $failures = new failures();
        foreach ($failures->without((new waiting())->accounts()) as $userid) {
            $failures->note($userid);  // Before anything: an observer can end the whole process.
            try {
                $done = self::settle($userid, self::PATIENCE, self::PATIENCE);
            } catch (Throwable $error) {
                self::note($error);  // One person's trouble is not the next one's.
                teller::free_dispatcher();
                continue;
            }
            $failures->forget($userid);
            if ($done === null) {
                return $settled ?: -1;
            }
            $settled += (int) $done;
            if ($shift->is_over()) {
                break;
            }
        }
        return $settled;
    }

    /**
     * Whether people are to get their places before the next night.
     *
     * @return bool
     */
    private static function enabled(): bool {
        $set = get_config('local_greffe', 'arrivalsenabled');
        return $set === false || (bool) $set;
    }

    /**
     * Under Greffe's own lock: no night runs beside this, and none begins.
     *
     * @param int $userid
     * @param float $wait seconds to wait for the lock
     * @param float $budget seconds for the work
     * @return ?bool whether he got something; null where another Greffe is at work
     * @throws Throwable whatever an observer throws, or where one leaves a transaction open; none is open afterwards
     */
    private static function settle(int $userid, float $wait, float $budget): ?bool {
        global $DB;

        $lock = new lock();
        if (!$lock->take($wait)) {
            return null;
        }
        $open = $done = false;
        try {
            $rows = primary::read(fn() => self::night_runs() ? null : (new gate())->allowed((new waiting())->for_account($userid)));
            if ($rows === null) {
                return null;
            }
            $done = $rows && (new settlement($userid, new allowance($budget)))->carry_out($rows);
        } finally {
            $open = $DB->is_transaction_started();
            if ($open) {
                // An observer left it behind: whatever came after would be lost with it.
                $DB->force_transaction_rollback();
            }
            $lock->release();
        }
        if ($open) {
            throw new coding_exception('an observer left a transaction open');
        }
        return $done;
    }

    /**
     * Whether a run of the engine is under way all the same: on a Galera cluster a lock holds on one node alone.
     *
     * A run that was killed stays so until the next one begins; after an hour it is no hindrance any more.
     *
     * @return bool
     */
    private static function night_runs(): bool {
        global $DB;

        $select = "state = 'running' AND timestarted > :since";
        return $DB->record_exists_select('local_greffe_run', $select, ['since' => time() - HOURSECS]);
    }

    /**
     * Keep a note of what went wrong, for those who look after the site.
     *
     * @param Throwable $error
     */
    private static function note(Throwable $error): void {
        debugging('local_greffe: ' . get_class($error) . ': ' . $error->getMessage(), DEBUG_DEVELOPER);
        try {
            (new journal())->failed(core_text::substr(get_class($error) . ': ' . $error->getMessage(), 0, 1000));
        } catch (Throwable $more) {
            debugging('local_greffe: ' . get_class($more) . ': ' . $more->getMessage(), DEBUG_DEVELOPER);
        }
    }
}
