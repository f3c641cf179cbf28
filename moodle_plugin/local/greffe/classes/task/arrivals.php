<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\task;

use core\task\scheduled_task;

/**
 * Gives their places to people whose account has appeared, where that could not be done at once.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class arrivals extends scheduled_task {
    /**
     * What the page of scheduled tasks calls it.
     *
     * @return string
     */
    public function get_name() {
        return get_string('task:arrivals', 'local_greffe');
    }

    /**
     * Look who has an account by now.
     */
    public function execute() {
        $people = \local_greffe\arrival\arrivals::later();
        if ($people < 0) {
            mtrace('another Greffe is at work: the next run looks again');
        } else if ($people > 0) {
            mtrace("people who got their places: $people");
        }
    }
}
