<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\output;

use local_greffe\health\names;
use local_greffe\health\waiting;
use local_greffe\words;

/**
 * People whom a feed names and who have no account yet, and the places that are kept for them.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class waiting_page implements \renderable, \templatable {
    /** Places on one page. */
    private const SIZE = 50;

    /**
     * The page.
     *
     * @param string $feed only of this feed; empty for all
     * @param int $after places after this row
     */
    public function __construct(
        /** @var string only of this feed */
        private readonly string $feed,
        /** @var int places after this row */
        private readonly int $after,
    ) {
    }

    /**
     * Its data.
     *
     * @param \renderer_base $output who draws
     * @return array
     */
    public function export_for_template(\renderer_base $output): array {
        $rows = array_values(waiting::page($this->feed, $this->after, self::SIZE + 1));
        $more = count($rows) > self::SIZE;
        $rows = array_slice($rows, 0, self::SIZE);
        $names = new names($rows);
        $lines = array_map(fn($row) => [
            'person' => $row->person,
            'place' => $row->cohort !== '' ? s($row->cohort) : $names->course((int) $row->courseid),
            'group' => $row->groupname,
            'source' => words::source($row),
            'since' => words::moment((int) $row->timecreated),
        ], $rows);
        $parameters = $this->feed === '' ? [] : ['feed' => $this->feed];
        $url = fn($more) => (new \moodle_url('/local/greffe/waiting.php', $parameters + $more))->out(false);
        return [
            'health' => (new \moodle_url('/local/greffe/index.php'))->out(false),
            'any' => (bool) $lines,
            'lines' => $lines,
            'first' => $this->after ? $url([]) : '',
            'next' => $more ? $url(['after' => end($rows)->id]) : '',
        ];
    }
}
