<?php
// This file is part of Greffe, which keeps Moodle's courses in step with a university's student records.
//
// Greffe is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as
// published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.
// It comes without any warranty; see the GNU General Public License for more details: <https://www.gnu.org/licenses/>.

/**
 * Textes en français.
 *
 * @package    local_greffe
 * @copyright  2026 The Greffe founders
 * @license    https://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

$string['greffe:sendmessage'] = 'Être l’expéditeur de messages aux participants d’un cours';
$string['greffe:viewhealth'] = 'Voir l’état de santé du registre';
$string['greffe:viewreasons'] = 'Voir pourquoi chaque participant est dans le cours';
$string['message:maynot'] = 'L’expéditeur n’a pas le droit d’écrire aux participants de ce cours.';
$string['message:nocourse'] = 'Le cours n’existe plus.';
$string['message:nosender'] = 'Le compte de l’expéditeur n’existe plus ou est suspendu.';
$string['messageprovider:coursemessage'] = 'Messages aux participants d’un cours';
$string['pluginname'] = 'Greffe';
$string['task:sendmessage'] = 'Envoyer un message aux participants';
