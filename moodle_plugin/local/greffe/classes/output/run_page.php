<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\output;

use local_greffe\health\changes;
use local_greffe\health\names;
use local_greffe\health\run;
use local_greffe\health\runs;
use local_greffe\relay\outcome;
use local_greffe\words;

/**
 * One run: how it ended, what it read, what the guards said, and its changes, page by page.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class run_page implements \renderable, \templatable {
    /** Changes on one page. */
    private const SIZE = 50;

    /**
     * The page.
     *
     * @param run $run the run
     * @param string $course only changes of this course: short name, number or id; empty for all
     * @param string $person only changes of this person: number, username or id; empty for all
     * @param int $after changes after this one
     * @param int $now the moment
     */
    public function __construct(
        /** @var run the run */
        private readonly run $run,
        /** @var string only changes of this course */
        private readonly string $course,
        /** @var string only changes of this person */
        private readonly string $person,
        /** @var int changes after this one */
        private readonly int $after,
        /** @var int the moment */
        private readonly int $now,
    ) {
    }

    /**
     * Its data.
     *
     * @param \renderer_base $output who draws
     * @return array
     */
    public function export_for_template(\renderer_base $output): array {
        $run = $this->run;
        return [
            'health' => (new \moodle_url('/local/greffe/index.php'))->out(false),
            'ending' => parts::ending($run),
            'explained' => words::explained($run),
            'facts' => $this->facts(),
            'error' => $run->error,
            'guard' => parts::guard($run, $run->digest === '' ? null : runs::approval($run->digest, $this->now)),
            'hasfeeds' => (bool) $run->feeds,
            'feeds' => array_map(fn($feed) => parts::feed($feed, $run->started), array_values($run->feeds)),
            'counts' => words::counts($run->counts),
            'filter' => [
                'action' => (new \moodle_url('/local/greffe/run.php'))->out(false), 'id' => $run->id,
                'course' => $this->course, 'person' => $this->person, 'any' => $this->course !== '' || $this->person !== '',
                'all' => parts::run_url($run->id),
            ],
        ] + $this->changes();
    }

    /**
     * What is known of it, line by line.
     *
     * @return array[]
     */
    private function facts(): array {
        $run = $this->run;
        $facts = [
            'kind' => words::kind($run),
            'began' => words::moment($run->started),
            'ended' => words::moment($run->ended),
            'took' => words::duration($run->took($this->now)),
            'changes' => words::number($run->changes),
            'by' => get_string('byon', 'local_greffe', [
                'operator' => $run->operator, 'host' => $run->host, 'version' => $run->version,
            ]),
            'plan' => $run->digest,
        ];
        $lines = [];
        foreach (array_filter($facts, fn($fact) => $fact !== '') as $name => $fact) {
            $lines[] = ['name' => get_string($name, 'local_greffe'), 'fact' => $fact];
        }
        return $lines;
    }

    /**
     * One page of its changes.
     *
     * @return array
     */
    private function changes(): array {
        $course = $this->course === '' ? null : changes::course($this->course);
        $person = $this->person === '' ? null : changes::person($this->person);
        $unknown = [];
        if ($this->course !== '' && $course === null) {
            $unknown[] = get_string('nocourse', 'local_greffe', $this->course);
        }
        if ($this->person !== '' && $person === null) {
            $unknown[] = get_string('noperson', 'local_greffe', $this->person);
        }
        $rows = $unknown ? [] : changes::page($this->run->id, $course, $person, $this->after, self::SIZE);
        $more = count($rows) > self::SIZE;
        $rows = array_slice($rows, 0, self::SIZE);
        $names = new names($rows);
        $filter = array_filter(['course' => $this->course, 'person' => $this->person], fn($text) => $text !== '');
        return [
            'unknown' => $unknown,
            'lines' => array_map(fn($row) => $this->line($row, $names), $rows),
            'none' => !$rows && !$unknown,
            'first' => $this->after ? parts::run_url($this->run->id, $filter) : '',
            'next' => $more ? parts::run_url($this->run->id, $filter + ['after' => end($rows)->id]) : '',
        ];
    }

    /**
     * One change.
     *
     * @param \stdClass $row of the journal
     * @param names $names of what it touches
     * @return array
     */
    private function line(\stdClass $row, names $names): array {
        $undone = $row->undone ? get_string('undoneby', 'local_greffe', $row->undone) : '';
        return [
            'where' => $row->cohortid ? $names->cohort((int) $row->cohortid) : $names->course((int) $row->courseid),
            'what' => words::change($row->action),
            'who' => $names->person((int) $row->userid),
            'role' => $names->role((int) $row->roleid),
            'group' => $names->group((int) $row->groupid),
            'why' => words::reason($row->reason),
            'undone' => $undone,
            'untold' => $row->outcome === outcome::FAILED ? get_string('untold', 'local_greffe') : '',
            'source' => words::source($row),
        ];
    }
}
