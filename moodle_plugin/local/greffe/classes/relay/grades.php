<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\relay;

use completion_info;
use context_course;
use grade_grade;
use grade_item;

/**
 * Grades that went with a last enrolment: `grade_user_unenrol` in lib/gradelib.php. They belong to the enrolments.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class grades extends family {
    /** @var grade_item[] by id */
    private array $items = [];
    /** @var array "item person" → true, of those who have a grade there again */
    private array $back;
    /** @var bool whether Moodle itself tells of deleted grades: it does so where it looks at completion */
    private bool $aloud;

    #[\Override]
    public static function actions(): array {
        return ['delete-grade'];
    }

    #[\Override]
    public static function choice(): string {
        return 'enrolments';
    }

    #[\Override]
    protected function look(): void {
        global $CFG;
        require_once($CFG->libdir . '/gradelib.php');
        require_once($CFG->libdir . '/completionlib.php');
        $this->aloud = (bool) completion_info::is_enabled_for_site();
        $items = array_unique(array_map(fn($change) => (int) $change->old->itemid, $this->changes));
        foreach (self::rows('grade_items', array_values($items)) as $id => $row) {
            $this->items[$id] = new grade_item($row, false);
        }
        $this->back = self::pairs('grade_grades', 'itemid', array_values($items), $this->all('userid'));
    }

    #[\Override]
    protected function standing(change $change): string {
        if (!$this->aloud) {
            return outcome::QUIET;
        }
        if (!isset($this->items[$change->old->itemid]) || !context_course::instance($change->courseid, IGNORE_MISSING)) {
            return outcome::NOPLACE;
        }
        return isset($this->back["{$change->old->itemid} $change->userid"]) ? outcome::BACK : '';
    }

    #[\Override]
    public function tell(change $change, teller $teller): void {
        $grade = new grade_grade((array) $change->old, false);
        $grade->grade_item = $this->items[$change->old->itemid];
        $teller->event(\core\event\grade_deleted::create_from_grade($grade));
    }
}
