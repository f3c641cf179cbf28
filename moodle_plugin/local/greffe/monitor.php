<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

/**
 * The register for monitoring: JSON, or the text format of Prometheus. Needs the token, no session, and names nobody.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

define('NO_MOODLE_COOKIES', true);
define('NO_DEBUG_DISPLAY', true);

require('../../config.php');

// Not by optional_param(), which throws at a list: whoever has no token would get one of Moodle's pages. It is only compared.
(new \local_greffe\monitor\endpoint())->answer(
    \local_greffe\monitor\gate::authorization(),
    $_GET['format'] ?? 'json'
);
