<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

/**
 * Whom the plugin listens to.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

// Not internal: what is done in somebody else's transaction could be undone with it, so these wait for its end.
$observers = [];
foreach (['user_created', 'user_updated', 'user_loggedin'] as $event) {
    $observers[] = [
        'eventname' => "\\core\\event\\$event",
        'callback' => '\\local_greffe\\observer::account',
        'internal' => false,
    ];
}
