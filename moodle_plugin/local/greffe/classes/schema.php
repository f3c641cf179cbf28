<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

namespace local_greffe;

/**
 * The shape of Greffe's own tables, as the engine counts it (engine/greffe/apply/schema.py).
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
final class schema {
    /** Version that this plugin makes, takes over and reads; a step of db/upgrade.php leads to it from each before. */
    public const VERSION = '2';
}
