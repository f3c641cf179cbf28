<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\relay;

use stdClass;

/**
 * One row of the journal, as the relay sees it.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class change {
    /** Changes of which Moodle itself tells nobody (moodle-writes §2.3, §7): traces of a last unenrolment, conversations. */
    public const QUIET = [
        'join-conversation', 'leave-conversation', 'restore-grade', 'forget-visit', 'restore-visit', 'unsubscribe', 'subscribe',
        'drop-digest', 'restore-digest', 'drop-tracking', 'restore-tracking', 'forget-reading', 'restore-reading',
    ];

    /** @var int the row's id: its place in the order */
    public readonly int $id;
    /** @var int the run that made it */
    public readonly int $runid;
    /** @var string what was done */
    public readonly string $action;
    /** @var int the course; 0 for none */
    public readonly int $courseid;
    /** @var int the enrolment method's instance; 0 for none */
    public readonly int $enrolid;
    /** @var int the person; 0 for none */
    public readonly int $userid;
    /** @var int the row of Moodle's that was added, written or removed */
    public readonly int $objectid;
    /** @var int the role; 0 for none */
    public readonly int $roleid;
    /** @var int the group; 0 for none */
    public readonly int $groupid;
    /** @var int the cohort; 0 for none */
    public readonly int $cohortid;
    /** @var string why, as the engine says it */
    public readonly string $reason;
    /** @var stdClass|null the row as it was */
    public readonly ?stdClass $old;
    /** @var stdClass|null what was written */
    public readonly ?stdClass $new;
    /** @var int the run that took it back; 0 for none */
    public readonly int $undone;

    /**
     * From a row of the table.
     *
     * @param stdClass $row with all columns that the journal reads
     */
    public function __construct(stdClass $row) {
        foreach (['id', 'runid', 'courseid', 'enrolid', 'userid', 'objectid', 'roleid', 'groupid', 'cohortid', 'undone'] as $name) {
            $this->$name = (int) $row->$name;
        }
        $this->action = $row->action;
        $this->reason = $row->reason;
        $this->old = self::image($row->oldrow);
        $this->new = self::image($row->newrow);
    }

    /**
     * Whether it takes back what another run did.
     *
     * @return bool
     */
    public function takes_back(): bool {
        return $this->reason === 'undo';
    }

    /**
     * Whether Moodle itself would tell anybody of it.
     *
     * Of several equal role assignments Moodle removes all but the first without a word (role_assign in accesslib.php).
     *
     * @return bool
     */
    public function is_quiet(): bool {
        return in_array($this->action, self::QUIET, true) || ($this->action === 'remove-role' && $this->reason === 'duplicate');
    }

    /**
     * A row of Moodle's as the journal keeps it. All values are text, as from Moodle's own database layer.
     *
     * @param string|null $json the text
     * @return stdClass|null
     */
    private static function image(?string $json): ?stdClass {
        if ($json === null || $json === '') {
            return null;
        }
        $row = json_decode($json, true, 16);
        // One that cannot be read must not hold up those behind it.
        return !is_array($row) ? null : (object) array_map(
            fn($value) => is_int($value) || is_float($value) ? (string) $value : $value,
            $row
        );
    }
}
