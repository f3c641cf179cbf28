<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\privacy;

use local_greffe\kept;
use stdClass;

/**
 * People whom messages keep by their number only: to whom one still goes, and whom it did not reach.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class addressees {
    /**
     * Messages that keep somebody's number.
     *
     * @param int $userid
     * @return stdClass[] by id: id, courseid, recipients, failures, timecreated
     */
    public static function messages(int $userid): array {
        global $DB;

        // The database finds what may hold it, among few rows: what is sent has no recipients any more.
        $like = [$DB->sql_like('recipients', ':first'), $DB->sql_like('failures', ':second')];
        $found = $DB->get_records_select(
            'local_greffe_message',
            implode(' OR ', $like),
            ['first' => "%$userid%", 'second' => "%$userid%"],
            'id',
            'id, courseid, recipients, failures, timecreated'
        );
        return array_filter($found, fn($message) => in_array($userid, self::of($message), true));
    }

    /**
     * All whom some messages keep.
     *
     * @param string $where which messages
     * @param array $params of it
     * @return int[]
     */
    public static function people(string $where, array $params): array {
        global $DB;

        $people = [];
        $select = "(recipients IS NOT NULL OR failures IS NOT NULL) AND $where";
        $messages = $DB->get_recordset_select('local_greffe_message', $select, $params, '', 'id, recipients, failures');
        foreach ($messages as $message) {
            $people += array_flip(array_filter(self::of($message)));
        }
        $messages->close();
        return array_keys($people);
    }

    /**
     * Strike somebody's number out: he gets it no more, and that somebody was not reached is all that stays.
     *
     * @param stdClass $message as messages() gives it
     * @param int $userid
     */
    public static function forget(stdClass $message, int $userid): void {
        global $DB;

        $others = array_filter(kept::all($message->recipients), fn($id) => $id !== $userid);
        $failures = array_map(
            fn($failure) => ($failure['user'] === $userid ? ['user' => 0] : []) + $failure,
            self::failures($message)
        );
        $DB->update_record('local_greffe_message', [
            'id' => $message->id,
            'recipients' => $message->recipients === null ? null : json_encode(array_values($others)),
            'failures' => $message->failures === null ? null : json_encode($failures),
        ]);
    }

    /**
     * Whom a message keeps.
     *
     * @param stdClass $message with recipients and failures
     * @return int[]
     */
    private static function of(stdClass $message): array {
        $recipients = array_filter(kept::all($message->recipients), 'is_int');
        return array_merge($recipients, array_column(self::failures($message), 'user'));
    }

    /**
     * Whom a message did not reach, and why.
     *
     * @param stdClass $message with failures
     * @return array[] user, why
     */
    private static function failures(stdClass $message): array {
        return kept::rows(kept::all($message->failures), ['user' => 'int', 'why' => 'string']);
    }
}
