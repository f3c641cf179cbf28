<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\health;

use local_greffe\relay\outcome;

/**
 * Changes that Moodle has not been told of yet, and those whose telling failed.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class backlog {
    /** @var int how many wait; what was taken back meanwhile does not count */
    public readonly int $pending;
    /** @var int when the oldest of them was made; 0 where there is none */
    public readonly int $oldest;
    /** @var int how many failed within the last day */
    public readonly int $failures;

    /**
     * As it is at a moment.
     *
     * @param int $now the moment
     */
    public function __construct(int $now) {
        global $DB;
        $pending = $DB->get_record_sql(
            'SELECT COUNT(*) AS amount, MIN(timecreated) AS oldest FROM {local_greffe_change} WHERE relayed = 0 AND undone = 0'
        );
        $this->pending = (int) $pending->amount;
        $this->oldest = (int) $pending->oldest;
        $this->failures = $DB->count_records_select(
            'local_greffe_change',
            'relayed > :since AND outcome = :failed',
            ['since' => $now - DAYSECS, 'failed' => outcome::FAILED]
        );
    }

    /**
     * How long the oldest has waited, in seconds; 0 where none waits.
     *
     * @param int $now the moment
     * @return int
     */
    public function age(int $now): int {
        return $this->oldest ? max(0, $now - $this->oldest) : 0;
    }
}
