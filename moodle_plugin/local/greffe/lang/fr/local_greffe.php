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
$string['relay'] = 'Relais';
$string['relay_all'] = 'Informer Moodle : événements, observateurs, caches';
$string['relay_cache'] = 'Seulement vider les caches';
$string['relay_desc'] = 'Le registre est écrit directement dans la base de données. Le relais fait ensuite ce que Moodle aurait fait lui-même : il déclenche les événements, que suivent les abonnements aux forums, les badges, les journaux et les autres plugins, et il vide les caches. Il passe chaque minute.';
$string['relay_none'] = 'Rien';
$string['relaycohorts'] = 'Cohortes';
$string['relaycohorts_desc'] = 'Les cohortes créées, modifiées ou supprimées, et qui y est entré ou en est sorti.';
$string['relaycommunication'] = 'Salons de communication';
$string['relaycommunication_desc'] = 'Si les personnes entrent dans les salons des cours et des groupes et en sortent, là où le site en a.';
$string['relayenrolments'] = 'Inscriptions';
$string['relayenrolments_desc'] = 'Qui a été inscrit, suspendu, réactivé ou désinscrit.';
$string['relaygroups'] = 'Groupes';
$string['relaygroups_desc'] = 'Les groupes créés, et qui y est entré ou en est sorti. Sans cela, les activités réservées à des groupes suivent l’ancien état jusqu’à la purge des caches de Moodle.';
$string['relaymethods'] = 'Méthodes d’inscription';
$string['relaymethods_desc'] = 'Les méthodes ajoutées à un cours, modifiées, activées, désactivées ou supprimées.';
$string['relayroles'] = 'Rôles';
$string['relayroles_desc'] = 'Les rôles donnés ou retirés. Les abonnements aux forums en dépendent.';
$string['relayseconds'] = 'Durée d’un passage';
$string['relayseconds_desc'] = 'Au-delà, le reste attend la minute suivante.';
$string['relaywelcome'] = 'Messages de bienvenue';
$string['relaywelcome_desc'] = 'Si les personnes reçoivent le message de bienvenue du cours, là où la méthode d’inscription en envoie un. Une nuit qui inscrit des milliers de personnes en enverrait des milliers.';
$string['task:sendmessage'] = 'Envoyer un message aux participants';
$string['taskrelay'] = 'Informer Moodle de ce que le registre a changé';
