<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe;

/**
 * Time that something may take, by a clock that nobody sets: the one on the wall can jump back an hour, and a login would wait for
 * as long.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class allowance {
    /** @var float when it is used up, in nanoseconds of that clock */
    private readonly float $end;

    /**
     * It begins now.
     *
     * @param float $seconds
     */
    public function __construct(float $seconds) {
        $this->end = hrtime(true) + $seconds * 1e9;
    }

    /**
     * Whether there is none left.
     *
     * @return bool
     */
    public function is_over(): bool {
        return hrtime(true) >= $this->end;
    }
}
