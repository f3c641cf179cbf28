<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\check;

use core\check\result;
use local_greffe\words;

/**
 * Does a guard hold the last night, or a part of it?
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class guard extends base {
    #[\Override]
    protected function look(): result {
        $night = $this->register->night();
        if (!$night) {
            return $this->answer(result::NA, 'night:none');
        }
        if (!$night->is_held() && !$night->holds_places()) {
            return $this->answer(result::OK, 'guard:quiet');
        }
        $a = (object) ['run' => $night->id, 'command' => words::approve_command($night), 'limits' => count($night->verdicts)];
        if ($approval = $this->register->approval()) {
            $a->operator = $approval->operator;
            $a->until = words::moment((int) $approval->timeexpires);
            return $this->answer(result::WARNING, 'guard:approved', $a);
        }
        return $night->is_held()
            ? $this->answer(result::ERROR, 'guard:run', $a)
            : $this->answer(result::WARNING, 'guard:places', $a);
    }
}
