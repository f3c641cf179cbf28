<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe;

use core\event\base;
use local_greffe\arrival\arrivals;

/**
 * What the plugin does at events of Moodle's.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class observer {
    /**
     * An account was created or changed, or somebody has logged in: he may be one that was waited for.
     *
     * @param base $event user_created, user_updated or user_loggedin
     */
    public static function account(base $event): void {
        arrivals::at_once((int) $event->objectid);
    }
}
