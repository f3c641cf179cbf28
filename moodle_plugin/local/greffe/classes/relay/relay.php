<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\relay;

use local_greffe\allowance;
use local_greffe\primary;
use Throwable;

/**
 * Tells Moodle what was changed behind its back: reads the journal in order, and does what Moodle's own code would have done
 * after each change, for those that still stand.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class relay {
    /** Who answers for what. */
    private const FAMILIES = [enrolments::class, roles::class, groups::class, groupings::class, cohorts::class, methods::class, grades::class];

    /** Seconds for which it holds that a change stands: an observer can take his time, and people work meanwhile. */
    private const FRESH = 2;

    /** @var journal where changes come from */
    private journal $journal;
    /** @var choices what the site wants */
    private choices $choices;
    /** @var teller who tells */
    private teller $teller;
    /** @var int[] outcome → changes */
    private array $tally = [];
    /** @var change|null the change of which Moodle is being told */
    private ?change $telling = null;
    /** @var bool whether the process was asked to end */
    private bool $asked = false;

    /**
     * With the site's settings as they are now.
     */
    public function __construct() {
        $this->journal = new journal();
        $this->choices = new choices();
        $this->teller = new teller($this->choices);
    }

    /**
     * Relay what is pending, until there is nothing left or the time is up.
     *
     * @param allowance $time for it; what is begun when it is over is brought to its end
     * @return int[] outcome → number of changes
     */
    public function run(allowance $time): array {
        \core_shutdown_manager::register_function([$this, 'give_up']);
        \core_shutdown_manager::register_signal_handler(fn() => $this->asked = true);
        $after = 0;
        while (!$time->is_over()) {
            $changes = primary::read(fn() => $this->journal->next($after));
            if ($changes) {
                $after = $this->relay($changes, $time);
            } else if ($after) {
                $after = 0; // Once more from the start, for rows of a transaction that was slower than a later one.
            } else {
                break;
            }
        }
        return $this->tally;
    }

    /**
     * The process ends in the middle of telling, by a fatal error or an `exit` of an observer: that change is not told again, for it
     * would end the next run as well, and those behind it would wait for ever. After a kill or a polite signal it is told again.
     */
    public function give_up(): void {
        global $DB;
        if ($this->telling && !$this->asked) {
            if ($DB->is_transaction_started()) {
                $DB->force_transaction_rollback();
            }
            $this->journal->settle([$this->telling->id], outcome::FAILED);
            mtrace("failed: the process was ended while Moodle was told of change {$this->telling->id} ({$this->telling->action})");
        }
    }

    /**
     * Who threw, and how often.
     *
     * @return int[] by name
     */
    public function failures(): array {
        return $this->teller->failures();
    }

    /**
     * Relay a slice: what nobody is told of first, then one after the other.
     *
     * @param change[] $changes by id
     * @param allowance $time for it
     * @return int the change up to which it came; what follows is looked at anew
     */
    private function relay(array $changes, allowance $time): int {
        $fresh = new allowance(self::FRESH);
        [$owners, $history] = primary::read(fn() => $this->judge($changes));
        $reached = 0;
        foreach ($owners as $id => $owner) {
            if ($time->is_over() || ($reached && $fresh->is_over())) {
                return $reached;
            }
            $this->tell($changes[$id], $owner, $history);
            $reached = $id;
        }
        return array_key_last($changes);
    }

    /**
     * Look which changes of a slice still stand, drop stale caches, and settle those of which nobody is told.
     *
     * @param change[] $changes by id
     * @return array who answers for each change that is to be told, by its id and in order; and the history
     */
    private function judge(array $changes): array {
        $caches = new caches();
        $settled = $parts = $owners = [];
        foreach ($changes as $change) {
            $family = self::family($change->action);
            $wanted = $family ? $this->choices->of($family::choice()) : choices::NONE;
            if ($family && $wanted !== choices::NONE) {
                $caches->note($change);
            }
            if ($change->undone) {
                $settled[outcome::UNDONE][] = $change->id;
            } else if (!$family || $change->is_quiet()) {
                $settled[outcome::QUIET][] = $change->id;
            } else if ($wanted !== choices::ALL) {
                $settled[$wanted === choices::CACHE ? outcome::CACHE : outcome::OFF][] = $change->id;
            } else {
                $parts[$family][$change->id] = $change;
            }
        }
        $history = new history(array_merge(...array_values($parts)));
        foreach ($parts as $family => $part) {
            $owner = $this->owner($family, $part, $history);
            foreach ($part as $id => $change) {
                if ($outcome = $this->verdict($owner, $change, $history)) {
                    $history->settle($change, $outcome);
                    $settled[$outcome][] = $id;
                } else {
                    $owners[$id] = $owner ?? $this->owner($family, [$id => $change], $history);
                }
            }
        }
        $caches->drop();
        foreach ($settled as $outcome => $ids) {
            $this->journal->settle($ids, $outcome);
            $this->count($outcome, count($ids));
        }
        ksort($owners);
        return [$owners, $history];
    }

    /**
     * Who answers for some changes of one family. One row of the journal that nobody can read must not hold up the others.
     *
     * @param string $family its class
     * @param change[] $part by id
     * @param history $history what else the journal says of them
     * @return family|null null where they cannot be looked at together
     */
    private function owner(string $family, array $part, history $history): ?family {
        try {
            return new $family($part, $history);
        } catch (Throwable $thrown) {
            return null;
        }
    }

    /**
     * Whether a change still stands.
     *
     * @param family|null $owner who answers for it and others; null: it is looked at by itself
     * @param change $change the change
     * @param history $history what else the journal says
     * @return string '' if so, else one of `outcome`
     */
    private function verdict(?family $owner, change $change, history $history): string {
        try {
            $owner ??= new (self::family($change->action))([$change->id => $change], $history);
            return $owner->verdict($change);
        } catch (Throwable $thrown) {
            $this->teller->complain($thrown, "local_greffe: change {$change->id} ({$change->action}) cannot be read");
            $this->teller->failed();
            return outcome::FAILED;
        }
    }

    /**
     * Tell Moodle of one change, and mark it right after.
     *
     * @param change $change one that stands
     * @param family $owner who knows how
     * @param history $history what else the journal says
     */
    private function tell(change $change, family $owner, history $history): void {
        global $DB;
        $this->telling = $change;
        $outcome = '';
        try {
            $owner->tell($change, $this->teller);
        } catch (Throwable $thrown) {
            // What it is about may have gone since it was looked at: an observer of the one before can have taken it along.
            $outcome = primary::read(fn() => $this->verdict(null, $change, $history));
            if (!$outcome) {
                $this->teller->complain($thrown, 'local_greffe: ' . $change->action);
            }
        }
        if ($DB->is_transaction_started()) {
            // The mark must not be lost with it; what others wrote in it is.
            $this->teller->blame("somebody who left a transaction open, at {$change->action}");
            $DB->force_transaction_rollback();
        }
        if ($this->teller->failed()) {
            $outcome = outcome::FAILED;
        }
        $this->count($this->journal->mark($change->id, $outcome ?: outcome::TOLD), 1);
        $this->telling = null;
    }

    /**
     * Count changes by what became of them.
     *
     * @param string $outcome one of `outcome`
     * @param int $number how many
     */
    private function count(string $outcome, int $number): void {
        $this->tally[$outcome] = ($this->tally[$outcome] ?? 0) + $number;
    }

    /**
     * The family that answers for an action.
     *
     * @param string $action the action
     * @return string a class; '' for what is nobody's
     */
    private static function family(string $action): string {
        foreach (self::FAMILIES as $family) {
            if (in_array($action, $family::actions(), true)) {
                return $family;
            }
        }
        return '';
    }
}
