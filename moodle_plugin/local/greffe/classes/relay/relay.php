<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\relay;

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

    /** @var journal where changes come from */
    private journal $journal;
    /** @var choices what the site wants */
    private choices $choices;
    /** @var teller who tells */
    private teller $teller;
    /** @var int[] outcome → changes */
    private array $tally = [];
    /** @var int the change of which Moodle is being told; 0 for none */
    private int $telling = 0;

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
     * @param int $until a moment; what is begun then is brought to its end
     * @return int[] outcome → number of changes
     */
    public function run(int $until): array {
        \core_shutdown_manager::register_function([$this, 'give_up']);
        $after = 0;
        while (time() < $until) {
            $changes = $this->journal->next($after);
            if ($changes) {
                $this->relay($changes, $until);
                $after = array_key_last($changes);
            } else if ($after) {
                $after = 0; // Once more from the start, for rows of a transaction that was slower than a later one.
            } else {
                break;
            }
        }
        return $this->tally;
    }

    /**
     * The process ends in the middle of telling, by a fatal error of an observer: that change is not told again, for it would end the
     * next run as well, and those behind it would wait for ever. After a kill or a polite signal it is told again.
     */
    public function give_up(): void {
        global $DB;
        $fatal = in_array(error_get_last()['type'] ?? 0, [E_ERROR, E_CORE_ERROR, E_COMPILE_ERROR, E_RECOVERABLE_ERROR], true);
        if ($this->telling && $fatal) {
            if ($DB->is_transaction_started()) {
                $DB->force_transaction_rollback();
            }
            $this->journal->settle([$this->telling], outcome::FAILED);
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
     * Relay a slice: away with stale caches first, then what nobody is told of, then one after the other.
     *
     * @param change[] $changes by id
     * @param int $until a moment
     */
    private function relay(array $changes, int $until): void {
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
            $owner = new $family($part, $history);
            foreach ($part as $id => $change) {
                if ($outcome = $owner->verdict($change)) {
                    $history->settle($change, $outcome);
                    $settled[$outcome][] = $id;
                } else {
                    $owners[$id] = $owner;
                }
            }
        }
        $caches->drop();
        foreach ($settled as $outcome => $ids) {
            $this->journal->settle($ids, $outcome);
            $this->count($outcome, count($ids));
        }
        ksort($owners);
        foreach ($owners as $id => $owner) {
            if (time() >= $until) {
                return;
            }
            $this->tell($changes[$id], $owner);
        }
    }

    /**
     * Tell Moodle of one change, and mark it right after.
     *
     * @param change $change one that stands
     * @param family $owner who knows how
     */
    private function tell(change $change, family $owner): void {
        global $DB;
        $this->telling = $change->id;
        try {
            $owner->tell($change, $this->teller);
        } catch (Throwable $thrown) {
            $this->teller->complain($thrown, 'local_greffe: ' . $change->action);
        }
        if ($DB->is_transaction_started()) {
            // Somebody threw in a transaction of his: the mark must not be lost with it.
            $DB->force_transaction_rollback();
        }
        $outcome = $this->teller->failed() ? outcome::FAILED : outcome::TOLD;
        $this->count($this->journal->mark($change->id, $outcome), 1);
        $this->telling = 0;
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
