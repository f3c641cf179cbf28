<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe;

/**
 * The kinds of change, as the engine writes them into the journal.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class actions {
    /** In the order in which people read them; each has a text `action:…`. */
    public const ORDER = [
        'create-cohort', 'adopt-cohort', 'update-cohort', 'release-cohort', 'delete-cohort', 'restore-cohort', 'join-cohort',
        'leave-cohort', 'create-method', 'update-method', 'adopt-method', 'release-method', 'disable-method', 'delete-method',
        'restore-method', 'create-group', 'create-grouping', 'join-grouping', 'leave-grouping', 'enrol', 'reactivate', 'set-times',
        'suspend', 'unenrol', 'assign-role', 'remove-role', 'join-group', 'leave-group', 'join-conversation', 'leave-conversation',
        'delete-grade', 'restore-grade', 'forget-visit', 'restore-visit', 'unsubscribe', 'subscribe', 'drop-digest',
        'restore-digest', 'drop-tracking', 'restore-tracking', 'forget-reading', 'restore-reading',
    ];

    /** What can happen to one person's enrolment. */
    public const OF_ENROLMENT = ['enrol', 'reactivate', 'set-times', 'suspend', 'unenrol'];
}
