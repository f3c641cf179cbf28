<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\task;

use core\task\adhoc_task;
use core\task\manager;
use local_greffe\allowance;
use local_greffe\messages\sending;

/**
 * Sends a message that the engine queued (`greffe message`), for some minutes at a time.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class send_message extends adhoc_task {
    /** How long it works at a time: cron has other tasks as well. */
    private const SECONDS = 240;

    /**
     * What people read in the lists of tasks.
     *
     * @return string
     */
    public function get_name() {
        return get_string('task:sendmessage', 'local_greffe');
    }

    #[\Override]
    public function execute() {
        $id = (int) ($this->get_custom_data()->message ?? 0);
        // A task that died can be started again while the other still works: the same person would hear twice.
        $lock = \core\lock\lock_config::get_lock_factory('local_greffe')->get_lock("message$id", 1);
        if (!$lock) {
            // As a failure, so that Moodle tries again: the one who sends now may not come to his end.
            throw new \moodle_exception('locktimeout');
        }
        try {
            $sending = sending::of($id);
            if ($sending && !$sending->go_on(new allowance(self::SECONDS))) {
                $next = new self();
                $next->set_custom_data(['message' => $id]);
                manager::queue_adhoc_task($next);
            }
        } finally {
            $lock->release();
        }
    }
}
