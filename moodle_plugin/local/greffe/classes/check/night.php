<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\check;

use core\check\result;
use local_greffe\health\settings;
use local_greffe\words;

/**
 * Is the last good night young enough?
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class night extends base {
    /** Seconds that clocks may differ: Moodle's servers and that of the database each have their own. */
    private const APART = 300;

    #[\Override]
    protected function look(): result {
        $night = $this->register->night();
        if (!$night) {
            return $this->answer(result::WARNING, 'night:none');
        }
        $good = $this->register->good();
        $hours = settings::limit('nighthours');
        $a = (object) ['run' => $night->id, 'state' => words::state($night->state), 'hours' => $hours];
        if (!$good) {
            return $this->answer(result::ERROR, 'night:never', $a);
        }
        $a->ago = words::age($this->register->now - $good->ended);
        if ($this->register->now - $good->ended > $hours * HOURSECS) {
            return $this->answer(result::ERROR, 'night:old', $a);
        }
        $ahead = max($good->ended, $night->started, $night->ended) - $this->register->now;
        if ($ahead > self::APART) {
            $a->ahead = words::age($ahead);
            return $this->answer(result::WARNING, 'night:ahead', $a);
        }
        if ($good->id !== $night->id && $night->state !== 'running') {
            return $this->answer(result::WARNING, 'night:since', $a);
        }
        return $this->answer(result::OK, 'night:good', $a);
    }
}
