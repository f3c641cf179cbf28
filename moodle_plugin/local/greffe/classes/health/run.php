<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\health;

use local_greffe\kept;

/**
 * One run of the engine, as the journal has it.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class run {
    /** Kinds of run that bring the site in step with the feeds. */
    public const NIGHTS = ['nightly', 'apply'];

    /** How a run can stand: it runs, or how it ended. */
    public const STATES = ['running', 'done', 'partial', 'held', 'failed', 'interrupted', 'killed'];

    /** What a limit that was reached has at least. */
    private const VERDICT = [
        'level' => 'string', 'name' => 'string', 'kind' => 'string', 'value' => 'int', 'of' => 'int', 'limit' => 'string',
    ];

    /**
     * A run.
     *
     * @param int $id its number
     * @param string $kind nightly, apply, methods, rollover, batch, undo, release, prune, arrivals
     * @param string $state one of STATES
     * @param string $reason why it ended so, in one word; empty for no particular reason
     * @param string $digest of its plan; empty where there was none
     * @param string $operator who started it
     * @param string $host on which machine
     * @param string $version of the engine
     * @param int $undoes the run that it takes back; 0 for none
     * @param int $changes how many it made
     * @param int[] $counts changes by action
     * @param \stdClass[] $verdicts limits of the guards that it reached: level, name, kind, value, of, limit, course
     * @param string $approvedby who let its plan pass the guards
     * @param feed[] $feeds what it saw of each feed, by name
     * @param string $error why it failed
     * @param int $started when it began
     * @param int $ended when it ended; 0 while it runs
     */
    private function __construct(
        public readonly int $id,
        public readonly string $kind,
        public readonly string $state,
        public readonly string $reason,
        public readonly string $digest,
        public readonly string $operator,
        public readonly string $host,
        public readonly string $version,
        public readonly int $undoes,
        public readonly int $changes,
        public readonly array $counts,
        public readonly array $verdicts,
        public readonly string $approvedby,
        public readonly array $feeds,
        public readonly string $error,
        public readonly int $started,
        public readonly int $ended,
    ) {
    }

    /**
     * From its row of local_greffe_run.
     *
     * @param \stdClass $row the row
     * @return self
     */
    public static function from_row(\stdClass $row): self {
        $judged = kept::all($row->verdicts);
        $verdicts = array_map(fn($verdict) => (object) $verdict, kept::rows($judged['verdicts'] ?? null, self::VERDICT));
        // What holds the whole run comes first, as in the engine's own reports.
        usort($verdicts, fn($a, $b) => ($a->level !== 'feed') <=> ($b->level !== 'feed'));
        $feeds = [];
        foreach (kept::rows(kept::all($row->feeds), ['feed' => 'string']) as $counts) {
            $feeds[$counts['feed']] = new feed($counts);
        }
        return new self(
            id: (int) $row->id,
            kind: $row->kind,
            state: $row->state,
            reason: $row->reason,
            digest: $row->digest,
            operator: $row->operator,
            host: $row->host,
            version: $row->version,
            undoes: (int) $row->undoes,
            changes: (int) $row->changes,
            counts: kept::numbers(kept::all($row->counts)),
            verdicts: self::once($verdicts),
            approvedby: kept::text($judged['approved_by'] ?? null),
            feeds: $feeds,
            error: $row->error ?? '',
            started: (int) $row->timestarted,
            ended: (int) $row->timeended,
        );
    }

    /**
     * Limits as they are listed: whoever is suspended loses something, and where the same figure reaches both limits, one line
     * tells it.
     *
     * @param \stdClass[] $verdicts as the engine keeps them
     * @return \stdClass[]
     */
    private static function once(array $verdicts): array {
        $of = fn($verdict) => serialize([$verdict->level, $verdict->name, $verdict->value, $verdict->of, $verdict->limit]);
        $suspended = array_map($of, array_filter($verdicts, fn($verdict) => $verdict->kind === 'suspensions'));
        return array_values(array_filter(
            $verdicts,
            fn($verdict) => $verdict->kind !== 'removals' || !in_array($of($verdict), $suspended, true)
        ));
    }

    /**
     * Whether a guard holds the whole run.
     *
     * @return bool
     */
    public function is_held(): bool {
        return $this->state === 'held';
    }

    /**
     * Whether the losses of some courses or cohorts are held, while the rest was done.
     *
     * @return bool
     */
    public function holds_places(): bool {
        $places = array_filter($this->verdicts, fn($verdict) => $verdict->level !== 'feed');
        return !$this->is_held() && $places && !$this->approvedby && in_array($this->state, ['done', 'partial']);
    }

    /**
     * How long it took, in seconds; so far, while it runs.
     *
     * @param int $now the moment
     * @return int
     */
    public function took(int $now): int {
        return max(0, ($this->ended ?: $now) - $this->started);
    }

    /**
     * As much of the digest as the command that approves wants to have.
     *
     * @return string
     */
    public function short_digest(): string {
        return substr($this->digest, 0, 12);
    }
}
