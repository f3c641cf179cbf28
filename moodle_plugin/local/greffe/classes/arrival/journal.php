<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\arrival;

use local_greffe\kept;
use stdClass;

/**
 * Arrivals in the journal: a run of their own kind, in which one day's arrivals between two other runs stand together.
 *
 * Whoever writes here holds Greffe's lock, but for the note of a failure.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class journal {
    /** @var string kind of these runs, as `greffe runs` shows it */
    public const KIND = 'arrivals';

    /** @var array[] rows that are to be written */
    private array $changes = [];

    /**
     * Note a change that was made through Moodle's own API.
     *
     * @param string $action as the engine calls it (engine/greffe/model.py, Action)
     * @param stdClass $wanted the row of the waiting list behind it
     * @param array $columns what the change concerns: columns of local_greffe_change
     * @param string $table the table that got a row; '' for what an undo leaves
     */
    public function add(string $action, stdClass $wanted, array $columns, string $table = ''): void {
        $this->changes[] = $columns + [
            'action' => $action,
            'feed' => $wanted->feed,
            'line' => $wanted->line,
            'newrow' => $table === '' ? null : $this->image($table, $columns['objectid']),
        ];
    }

    /**
     * Write what was noted, in the transaction that is open.
     *
     * @return int how many changes
     */
    public function write(): int {
        global $DB;

        if (!$this->changes) {
            return 0;
        }
        $now = time();
        $run = $this->run($now);
        $counts = kept::numbers(kept::all($run->counts));
        foreach ($this->changes as $change) {
            $DB->insert_record('local_greffe_change', $change + [
                'runid' => $run->id,
                'reason' => 'registered',
                'timecreated' => $now,
                // Moodle's own API has fired the events: the relay must not do so again.
                'relayed' => $now,
                'outcome' => 'moodle',
            ], false);
            $counts[$change['action']] = ($counts[$change['action']] ?? 0) + 1;
        }
        $DB->update_record('local_greffe_run', [
            'id' => $run->id,
            'changes' => array_sum($counts),
            'counts' => json_encode($counts),
            'timeended' => $now,
        ]);
        $written = count($this->changes);
        $this->changes = [];
        return $written;
    }

    /**
     * Note that an arrival failed. Failures of one day are one run, which tells of the last of them: nights must not be lost
     * among them.
     *
     * @param string $error
     */
    public function failed(string $error): void {
        global $DB;

        $now = time();
        $run = ['state' => 'failed', 'error' => $error, 'timeended' => $now];
        $select = 'timestarted > :since AND kind = :kind AND state = :state';
        $params = ['since' => $now - DAYSECS, 'kind' => self::KIND, 'state' => 'failed'];
        $today = $DB->get_records_select('local_greffe_run', $select, $params, 'id DESC', 'id', 0, 1);
        if ($today) {
            $DB->update_record('local_greffe_run', ['id' => array_key_first($today)] + $run);
        } else {
            $DB->insert_record('local_greffe_run', $run + $this->begun($now));
        }
    }

    /**
     * The run to which changes belong now.
     *
     * @param int $now
     * @return stdClass id, counts
     */
    private function run(int $now): stdClass {
        global $DB;

        $last = $this->last();
        if ($last && $last->kind === self::KIND && $last->state === 'done' && $last->timestarted > $now - DAYSECS) {
            return $last;
        }
        $id = $DB->insert_record('local_greffe_run', ['state' => 'done', 'timeended' => $now] + $this->begun($now));
        return (object) ['id' => $id, 'counts' => ''];
    }

    /**
     * The latest run of any kind.
     *
     * @return ?stdClass
     */
    private function last(): ?stdClass {
        global $DB;

        $runs = $DB->get_records('local_greffe_run', null, 'id DESC', 'id, kind, state, counts, timestarted', 0, 1);
        return reset($runs) ?: null;
    }

    /**
     * What every such run has.
     *
     * @param int $now
     * @return array
     */
    private function begun(int $now): array {
        return [
            'kind' => self::KIND,
            'operator' => 'moodle',
            'host' => \core_text::substr((string) gethostname(), 0, 100),
            'version' => (string) (\core_plugin_manager::instance()->get_plugin_info('local_greffe')->release ?? ''),
            'timestarted' => $now,
        ];
    }

    /**
     * A row as the journal keeps it: every column by name, numbers as numbers. By it an undo tells whether somebody changed it.
     *
     * @param string $table
     * @param int $id
     * @return string
     */
    private function image(string $table, int $id): string {
        global $DB;

        $row = (array) $DB->get_record($table, ['id' => $id], '*', MUST_EXIST);
        foreach ($DB->get_columns($table) as $name => $column) {
            if ($row[$name] !== null && in_array($column->meta_type, ['I', 'R'])) {
                $row[$name] = (int) $row[$name];
            }
        }
        return json_encode($row, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR);
    }
}
