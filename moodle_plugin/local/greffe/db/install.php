<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

/**
 * What an installation does once Moodle has made the tables.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

use local_greffe\install\adoption;

/**
 * Fill the tables: from those that the engine made before the plugin was there, or with the schema version alone.
 */
function xmldb_local_greffe_install() {
    (new adoption())->run();
}

/**
 * Go on with an installation that failed or was killed in the function above.
 */
function xmldb_local_greffe_install_recovery() {
    (new adoption())->run();
}
