<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe;

/**
 * Reads that must not lag behind: what the engine has just written may not have come to a replica yet, from which Moodle reads
 * where it is set up so, and Moodle knows of its own writes only.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class primary {
    /**
     * Look at the database where it is written to: Moodle reads there as long as a transaction lasts.
     *
     * @param callable $look
     * @return mixed what it found
     */
    public static function read(callable $look): mixed {
        global $DB;

        if ($DB->is_transaction_started()) {
            return $look();
        }
        $transaction = $DB->start_delegated_transaction();
        try {
            $found = $look();
            $transaction->allow_commit();
            return $found;
        } catch (\Throwable $thrown) {
            if (!$transaction->is_disposed()) {
                $transaction->rollback($thrown);
            }
            throw $thrown;
        }
    }
}
