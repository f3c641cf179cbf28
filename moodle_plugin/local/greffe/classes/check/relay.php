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
 * Has Moodle been told of what was changed?
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class relay extends base {
    #[\Override]
    protected function look(): result {
        $backlog = $this->register->backlog();
        $minutes = settings::limit('relayminutes');
        $age = $backlog->age($this->register->now);
        $a = (object) [
            'pending' => words::number($backlog->pending),
            'age' => words::age($age),
            'minutes' => $minutes,
            'failures' => words::number($backlog->failures),
        ];
        if ($age > DAYSECS) {
            return $this->answer(result::ERROR, 'relay:behind', $a);
        }
        if ($age > $minutes * MINSECS) {
            return $this->answer(result::WARNING, 'relay:behind', $a);
        }
        if ($backlog->failures) {
            return $this->answer(result::WARNING, 'relay:failures', $a);
        }
        return $backlog->pending ? $this->answer(result::OK, 'relay:busy', $a) : $this->answer(result::OK, 'relay:idle');
    }
}
