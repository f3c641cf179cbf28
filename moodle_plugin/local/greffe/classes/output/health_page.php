<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\output;

use core\check\result;
use local_greffe\check\base;
use local_greffe\health\findings;
use local_greffe\health\messages;
use local_greffe\health\names;
use local_greffe\health\register;
use local_greffe\health\runs;
use local_greffe\health\waiting;
use local_greffe\task\relay;
use local_greffe\words;

/**
 * The health of the register: first whether all is well, then why.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class health_page implements \renderable, \templatable {
    /** Runs that are listed. */
    private const RUNS = 14;

    /** Messages that are listed at most, and for how long, in seconds. */
    private const MESSAGES = [10, 30 * DAYSECS];

    /** State of a message => colour and sign; its word is always beside it. */
    private const STATES = [
        'queued' => ['info', 'i'], 'sending' => ['info', 'i'], 'sent' => ['success', '✓'], 'refused' => ['danger', '✗'],
    ];

    /**
     * The page.
     *
     * @param register $register what it shows
     */
    public function __construct(
        /** @var register what it shows */
        private readonly register $register,
    ) {
    }

    /**
     * Its data.
     *
     * @param \renderer_base $output who draws
     * @return array
     */
    public function export_for_template(\renderer_base $output): array {
        $night = $this->register->night();
        $runs = runs::latest(self::RUNS);
        return [
            'verdict' => $this->verdict(),
            'tiles' => $this->tiles(),
            'guard' => $night && ($night->is_held() || $night->holds_places())
                ? parts::guard($night, $this->register->approval()) : null,
            'hasruns' => (bool) $runs,
            'runs' => array_map(fn($run) => parts::run($run, $this->register->now), array_values($runs)),
            'hasfeeds' => (bool) $this->register->feeds(),
            'feeds' => $this->feeds(),
            'waiting' => $this->waiting(),
            'relay' => $this->relay(),
            'messages' => $this->messages(),
            'drift' => $this->drift(),
            'charts' => (new charts($this->register->now))->drawn($output),
        ];
    }

    /**
     * All is well, or what needs a hand.
     *
     * @return array
     */
    private function verdict(): array {
        $found = [];
        foreach (base::all($this->register) as $check) {
            $result = $check->get_result();
            $status = $result->get_status();
            $found[] = [
                'name' => get_string('checked:' . $check->get_id(), 'local_greffe'),
                'status' => parts::status($status),
                'summary' => $result->get_summary(),
                'grave' => in_array($status, [result::ERROR, result::CRITICAL]),
                'well' => in_array($status, [result::OK, result::INFO, result::NA]),
            ];
        }
        $hands = array_values(array_filter($found, fn($check) => !$check['well']));
        $grave = (bool) array_filter($found, fn($check) => $check['grave']);
        $title = match (true) {
            !$this->register->night() => get_string('verdict:none', 'local_greffe'),
            !$hands => get_string('verdict:well', 'local_greffe'),
            count($hands) === 1 => get_string('verdict:hand', 'local_greffe'),
            default => get_string('verdict:hands', 'local_greffe', count($hands)),
        };
        return [
            'title' => $title,
            'colour' => !$hands ? 'success' : ($grave ? 'danger' : 'warning'),
            'sign' => !$hands ? '✓' : ($grave ? '✗' : '!'),
            'hands' => $hands,
            'checks' => $found,
        ];
    }

    /**
     * Four figures that say most.
     *
     * @return array[]
     */
    private function tiles(): array {
        $night = $this->register->night();
        if (!$night) {
            return [];
        }
        $backlog = $this->register->backlog();
        return [
            [
                'what' => get_string('tile:night', 'local_greffe'),
                'figure' => $night->ended ? words::ago($this->register->now - $night->ended) : words::state('running'),
                'note' => words::ending($night),
            ],
            [
                'what' => get_string('tile:changes', 'local_greffe'),
                'figure' => words::number($night->changes),
                'note' => get_string('tile:took', 'local_greffe', words::duration($night->took($this->register->now))),
            ],
            [
                'what' => get_string('tile:waiting', 'local_greffe'),
                'figure' => words::number(waiting::people()),
                'note' => get_string('tile:people', 'local_greffe'),
            ],
            [
                'what' => get_string('tile:relay', 'local_greffe'),
                'figure' => words::number($backlog->pending),
                'note' => $backlog->pending
                    ? get_string('tile:oldest', 'local_greffe', words::age($backlog->age($this->register->now)))
                    : get_string('tile:told', 'local_greffe'),
            ],
        ];
    }

    /**
     * Each feed.
     *
     * @return array[]
     */
    private function feeds(): array {
        return array_map(fn($feed) => parts::feed($feed, $this->register->now), array_values($this->register->feeds()));
    }

    /**
     * Who waits, feed by feed.
     *
     * @return array
     */
    private function waiting(): array {
        $lines = [];
        foreach (array_filter($this->register->waiting()) as $feed => $people) {
            $url = new \moodle_url('/local/greffe/waiting.php', ['feed' => $feed]);
            $said = get_string('waiting:feed', 'local_greffe', ['feed' => $feed, 'people' => words::number($people)]);
            $lines[] = ['text' => $said, 'url' => $url->out(false)];
        }
        return ['any' => (bool) $lines, 'lines' => $lines];
    }

    /**
     * What Moodle has not been told.
     *
     * @return array
     */
    private function relay(): array {
        $backlog = $this->register->backlog();
        $a = [
            'pending' => words::number($backlog->pending),
            'age' => words::age($backlog->age($this->register->now)),
            'since' => words::moment($backlog->oldest),
        ];
        return [
            'said' => get_string($backlog->pending ? 'relay:waits' : 'relay:idle', 'local_greffe', $a),
            'failures' => $backlog->failures
                ? get_string('relay:failed', 'local_greffe', words::number($backlog->failures)) : '',
            'log' => (new \moodle_url('/admin/tasklogs.php', ['filter' => relay::class]))->out(false),
        ];
    }

    /**
     * Messages to participants: whose, and how far.
     *
     * @return array
     */
    private function messages(): array {
        [$limit, $seconds] = self::MESSAGES;
        $rows = messages::latest($this->register->now - $seconds, $limit);
        $names = new names($rows);
        $lines = [];
        foreach ($rows as $row) {
            [$colour, $sign] = self::STATES[$row->state] ?? ['warning', '?'];
            $unreached = [];
            foreach (messages::reasons($row) as $reason => $number) {
                $unreached[] = words::labelled(words::unreached($reason), $number);
            }
            $progress = ['sent' => words::number((int) $row->sent), 'amount' => words::number((int) $row->amount)];
            $lines[] = [
                'subject' => $row->subject,
                'course' => $names->course((int) $row->courseid),
                'status' => ['text' => words::message($row->state), 'colour' => $colour, 'sign' => $sign],
                'progress' => get_string('message:progress', 'local_greffe', $progress),
                'from' => get_string('message:from', 'local_greffe', [
                    'sender' => $names->person((int) $row->userid),
                    'operator' => s($row->operator),
                    'when' => words::moment((int) $row->timecreated),
                ]),
                'unreached' => $unreached,
                'error' => $row->error ?? '',
            ];
        }
        return ['any' => (bool) $lines, 'lines' => $lines];
    }

    /**
     * What the audits found.
     *
     * @return array
     */
    private function drift(): array {
        $lines = [];
        $clean = $last = 0;
        foreach ($this->register->findings() as $finding) {
            if (!$finding->amount && ($finding->error ?? '') === '') {
                $clean++;
                $last = max($last, (int) $finding->timecreated);
                continue;
            }
            $gravity = findings::gravity($finding);
            $lines[] = [
                'audit' => $finding->audit,
                'status' => parts::status([result::OK, result::WARNING, result::ERROR][$gravity]),
                'amount' => words::number((int) $finding->amount),
                'error' => $finding->error ?? '',
                'when' => words::moment((int) $finding->timecreated),
            ];
        }
        $said = ['number' => words::number($clean), 'when' => words::moment($last)];
        return [
            'any' => $lines || $clean,
            'lines' => $lines,
            'clean' => $clean ? get_string('drift:quiet', 'local_greffe', $said) : '',
        ];
    }
}
