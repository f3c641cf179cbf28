<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe\check;

use core\check\result;
use local_greffe\health\settings;
use local_greffe\words;

/**
 * Could the last night trust its feeds, and are they fresh?
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class feeds extends base {
    #[\Override]
    protected function look(): result {
        $feeds = $this->register->feeds();
        if (!$feeds) {
            return $this->answer(result::NA, 'feeds:none');
        }
        if ($bad = array_filter($feeds, fn($feed) => !$feed->is_good())) {
            return $this->answer(result::ERROR, 'feeds:bad', implode(', ', array_keys($bad)));
        }
        $hours = settings::limit('feedhours');
        $old = array_filter($feeds, fn($feed) => ($feed->age($this->register->now) ?? PHP_INT_MAX) > $hours * HOURSECS);
        $a = (object) ['feeds' => implode(', ', array_keys($old)), 'hours' => $hours, 'count' => words::number(count($feeds))];
        return $old ? $this->answer(result::WARNING, 'feeds:old', $a) : $this->answer(result::OK, 'feeds:fresh', $a);
    }
}
