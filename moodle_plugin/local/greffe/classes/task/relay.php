<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\task;

use local_greffe\allowance;
use local_greffe\relay\settings;

/**
 * Tells Moodle, each minute, what was changed. Moodle's own lock on the task sees to it that there are never two.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class relay extends \core\task\scheduled_task {
    #[\Override]
    public function get_name(): string {
        return get_string('task:relay', 'local_greffe');
    }

    #[\Override]
    public function execute(): void {
        $seconds = (int) (get_config('local_greffe', 'relayseconds') ?: settings::SECONDS);
        $relay = new \local_greffe\relay\relay();
        foreach ($relay->run(new allowance($seconds)) as $outcome => $number) {
            mtrace("$outcome: $number");
        }
        foreach ($relay->failures() as $who => $number) {
            mtrace("threw $number times: $who");
        }
    }
}
