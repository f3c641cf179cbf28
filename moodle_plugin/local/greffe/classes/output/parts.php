<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\output;

use core\check\result;
use local_greffe\health\feed;
use local_greffe\health\run;
use local_greffe\words;

/**
 * What several pages show in the same way, as data for their templates.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class parts {
    /** Limits of the guards that are shown of those that a run reached. */
    private const LIMITS = 20;

    /** State of a run => colour; its word is always beside it. */
    private const COLOURS = [
        'done' => 'success', 'running' => 'info', 'partial' => 'warning', 'held' => 'warning', 'failed' => 'danger',
        'interrupted' => 'danger', 'killed' => 'danger',
    ];

    /** Status of a check => colour and sign. */
    private const STATUSES = [
        result::OK => ['success', '✓'], result::INFO => ['info', 'i'], result::NA => ['secondary', '–'],
        result::UNKNOWN => ['warning', '?'], result::WARNING => ['warning', '!'], result::ERROR => ['danger', '✗'],
        result::CRITICAL => ['danger', '✗'],
    ];

    /**
     * How a run stands.
     *
     * @param run $run the run
     * @return array
     */
    public static function ending(run $run): array {
        return ['text' => words::ending($run), 'colour' => self::COLOURS[$run->state] ?? 'secondary'];
    }

    /**
     * How a check answers.
     *
     * @param string $status of its result
     * @return array
     */
    public static function status(string $status): array {
        [$colour, $sign] = self::STATUSES[$status] ?? self::STATUSES[result::UNKNOWN];
        return ['text' => get_string('status' . $status), 'colour' => $colour, 'sign' => $sign];
    }

    /**
     * One line of the list of runs.
     *
     * @param run $run the run
     * @param int $now the moment
     * @return array
     */
    public static function run(run $run, int $now): array {
        return [
            'id' => $run->id,
            'url' => self::run_url($run->id),
            'label' => get_string('runnumber', 'local_greffe', $run->id),
            'kind' => words::kind($run),
            'began' => words::moment($run->started),
            'took' => words::duration($run->took($now)),
            'ending' => self::ending($run),
            'changes' => words::number($run->changes),
            'counts' => words::counts($run->counts),
            'by' => $run->operator,
        ];
    }

    /**
     * The page of a run.
     *
     * @param int $run the run
     * @param array $more other parameters
     * @return string
     */
    public static function run_url(int $run, array $more = []): string {
        return (new \moodle_url('/local/greffe/run.php', ['id' => $run] + $more))->out(false);
    }

    /**
     * One feed.
     *
     * @param feed $feed the feed
     * @param int $moment at which its age is told
     * @return array
     */
    public static function feed(feed $feed, int $moment): array {
        $age = $feed->age($moment);
        $figures = [];
        foreach (array_filter($feed->figures) as $figure => $number) {
            $figures[] = words::labelled(get_string("figure:$figure", 'local_greffe'), $number);
        }
        return [
            'name' => $feed->name,
            'source' => $feed->source,
            'status' => $feed->is_good()
                ? ['text' => get_string('feed:good', 'local_greffe'), 'colour' => 'success', 'sign' => '✓']
                : ['text' => get_string('feed:bad', 'local_greffe'), 'colour' => 'danger', 'sign' => '✗'],
            'age' => $age === null
                ? get_string('feed:unread', 'local_greffe') : get_string('feed:age', 'local_greffe', words::age($age)),
            'delivered' => words::moment($feed->delivered),
            'figures' => $figures,
            'problems' => array_map(problem::told(...), $feed->problems),
            'frozen' => !$feed->is_good(),
            'notes' => $feed->notes,
        ];
    }

    /**
     * Why a guard holds a run, and what to type; null where none does.
     *
     * @param run $run the run
     * @param \stdClass|null $approval who let its plan pass meanwhile
     * @return array|null
     */
    public static function guard(run $run, ?\stdClass $approval): ?array {
        if (!$run->verdicts && !$run->is_held()) {
            return null;
        }
        $said = match (true) {
            $run->is_held() => get_string('guard:heldrun', 'local_greffe', $run->id),
            $run->holds_places() => get_string('guard:heldplaces', 'local_greffe', $run->id),
            $run->approvedby !== '' => get_string('guard:passed', 'local_greffe', $run->approvedby),
            default => '',
        };
        $commands = [self::command('show', words::show_command($run))];
        $open = $run->is_held() || $run->holds_places();
        if ($open && !$approval && $run->digest !== '') {
            $commands[] = self::command('approve', words::approve_command($run));
        }
        $more = count($run->verdicts) - self::LIMITS;
        return [
            'said' => $said,
            'limits' => array_map(fn($verdict) => words::verdict($verdict), array_slice($run->verdicts, 0, self::LIMITS)),
            'more' => $more > 0 ? get_string('more', 'local_greffe', words::number($more)) : '',
            'passed' => $open && $approval ? get_string('guard:pass', 'local_greffe', [
                'operator' => $approval->operator, 'until' => words::moment((int) $approval->timeexpires),
            ]) : '',
            'commands' => $commands,
        ];
    }

    /**
     * A command to type.
     *
     * @param string $key which one; its text is `command:…`
     * @param string $command the command
     * @return array
     */
    private static function command(string $key, string $command): array {
        return [
            'key' => $key,
            'what' => get_string("command:$key", 'local_greffe'),
            'command' => $command,
            'copy' => get_string('copycommand', 'local_greffe', $command),
        ];
    }
}
