<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\health;

use local_greffe\kept;

/**
 * Messages to participants, as they were queued by the engine: whose they are, and how far they have come.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class messages {
    /**
     * The latest messages, the newest first, without their text and without whom they go to.
     *
     * @param int $since only those that were queued after this moment
     * @param int $limit how many at most
     * @return \stdClass[] id, courseid, userid (the sender), subject, amount, sent, failed, failures, state, error, operator,
     *                     timecreated
     */
    public static function latest(int $since, int $limit): array {
        global $DB;
        $columns = 'id, courseid, userid, subject, amount, sent, failed, failures, state, error, operator, timecreated';
        return $DB->get_records_select(
            'local_greffe_message',
            'timecreated >= ?',
            [$since],
            'timecreated DESC, id DESC',
            $columns,
            0,
            $limit
        );
    }

    /**
     * Why some people were not reached: reason (account, left, send) => how many of those whose reason is kept.
     *
     * @param \stdClass $message its row
     * @return int[]
     */
    public static function reasons(\stdClass $message): array {
        return array_count_values(array_column(kept::rows(kept::all($message->failures), ['why' => 'string']), 'why'));
    }
}
