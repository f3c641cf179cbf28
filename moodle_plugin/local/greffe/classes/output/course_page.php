<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\output;

use core_user\fields;
use local_greffe\health\names;
use local_greffe\health\participants;
use local_greffe\health\reasons;
use local_greffe\words;

/**
 * Why each participant is in a course, for its teachers.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class course_page implements \renderable, \templatable {
    /** Enrolments on one page. */
    private const SIZE = 50;

    /** @var bool whether the reader may see runs */
    private readonly bool $runs;

    /**
     * The page.
     *
     * @param \stdClass $course the course
     * @param string $search part of a name; empty for all
     * @param int $page which one, from 0
     */
    public function __construct(
        /** @var \stdClass the course */
        private readonly \stdClass $course,
        /** @var string part of a name */
        private readonly string $search,
        /** @var int which one, from 0 */
        private readonly int $page,
    ) {
        $this->runs = has_capability('local/greffe:viewhealth', \context_system::instance());
    }

    /**
     * Its data.
     *
     * @param \renderer_base $output who draws
     * @return array
     */
    public function export_for_template(\renderer_base $output): array {
        $participants = new participants($this->course, $this->search);
        $total = $participants->count();
        $rows = $participants->page($this->page, self::SIZE);
        $reasons = new reasons($rows);
        $steps = [];
        foreach ($rows as $row) {
            foreach ($reasons->steps($row) as $step) {
                $steps[] = (object) [
                    'courseid' => $step->through === 'course' ? $step->id : 0,
                    'cohortid' => $step->through === 'cohort' ? $step->id : 0,
                ];
            }
        }
        $names = new names($steps);
        $identity = $participants->identity();
        $lines = array_map(fn($row) => $this->line($row, $reasons, $names, $identity), $rows);
        $url = new \moodle_url('/local/greffe/course.php', ['id' => $this->course->id]);
        if ($this->search !== '') {
            $url->param('search', $this->search);
        }
        return [
            'filter' => [
                'action' => (new \moodle_url('/local/greffe/course.php'))->out(false),
                'id' => $this->course->id,
                'search' => $this->search,
            ],
            'total' => get_string('reasons:total', 'local_greffe', words::number($total)),
            'any' => (bool) $lines,
            'identity' => array_map(fn($field) => fields::get_display_name($field), $identity),
            'lines' => array_values($lines),
            'paging' => $output->paging_bar($total, $this->page, self::SIZE, $url),
        ];
    }

    /**
     * One enrolment.
     *
     * @param \stdClass $row the enrolment
     * @param reasons $reasons why
     * @param names $names of what stands behind it
     * @param string[] $identity columns that are shown of people
     * @return array
     */
    private function line(\stdClass $row, reasons $reasons, names $names, array $identity): array {
        $change = $reasons->change($row);
        $steps = [];
        foreach ($reasons->steps($row) as $step) {
            $name = $step->through === 'course' ? $names->course($step->id) : $names->cohort($step->id);
            $steps[] = ['name' => get_string("through:{$step->through}", 'local_greffe', $name)] + $this->told($step->change);
        }
        $installed = (bool) enrol_get_plugin($row->enrol);
        return [
            'name' => fullname($row),
            'url' => (new \moodle_url('/user/view.php', ['id' => $row->userid, 'course' => $this->course->id]))->out(false),
            'identity' => array_map(fn($field) => (string) $row->$field, $identity),
            'method' => $row->methodname ?: ($installed ? get_string('pluginname', 'enrol_' . $row->enrol) : $row->enrol),
            'active' => (int) $row->status === ENROL_USER_ACTIVE,
            'without' => $change ? '' : $this->without($row, $reasons),
            'change' => $change ? ['what' => get_string('told', 'local_greffe', words::change($change->action))] + $this->told($change) : null,
            'steps' => $steps,
        ];
    }

    /**
     * What the journal says of a change.
     *
     * @param \stdClass|null $change its row
     * @return array
     */
    private function told(?\stdClass $change): array {
        if (!$change) {
            return ['known' => false];
        }
        return [
            'known' => true,
            'why' => words::reason($change->reason),
            'source' => words::source($change),
            'when' => words::moment((int) $change->timecreated),
            'run' => get_string('runnumber', 'local_greffe', $change->runid),
            'runurl' => $this->runs ? parts::run_url((int) $change->runid, ['course' => $this->course->id]) : '',
        ];
    }

    /**
     * Why somebody is there of whom the journal says nothing.
     *
     * @param \stdClass $row the enrolment
     * @param reasons $reasons what is known
     * @return string
     */
    private function without(\stdClass $row, reasons $reasons): string {
        return match (true) {
            $reasons->is_kept($row) => get_string('without:before', 'local_greffe'),
            $row->enrol === 'manual' => get_string('without:hand', 'local_greffe'),
            default => get_string('without:other', 'local_greffe'),
        };
    }
}
