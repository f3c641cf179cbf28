<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\check;

use core\check\result;
use local_greffe\health\findings;
use local_greffe\words;

/**
 * Did the last audits find Moodle's tables as they should be?
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class drift extends base {
    #[\Override]
    protected function look(): result {
        $found = $this->register->findings();
        if (!$found) {
            return $this->answer(result::NA, 'drift:none');
        }
        $gravity = array_map(fn($finding) => findings::gravity($finding), $found);
        $bad = array_filter($gravity);
        $a = (object) ['audits' => words::number(count($found)), 'bad' => words::number(count($bad)), 'worst' => $found[0]->audit];
        if (!$bad) {
            return $this->answer(result::OK, 'drift:clean', $a);
        }
        return $this->answer(max($gravity) > 1 ? result::ERROR : result::WARNING, 'drift:found', $a);
    }
}
