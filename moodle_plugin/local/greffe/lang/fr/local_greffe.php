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

$string['adoptcount'] = 'La table {$a->table} compte {$a->ours} lignes, celle qui a été mise de côté {$a->theirs}. Rien n’est perdu : examinez les deux, puis relancez la mise à jour.';
$string['adoptschema'] = 'Les tables mises de côté sont au schéma {$a->theirs} ; ce plugin connaît le schéma {$a->ours}. Installez le plugin qui va avec le Greffe qui les a créées.';
$string['adoptunreadable'] = 'Le compte de base de données de Moodle n’a pas le droit de lire {$a}, qui a été mise de côté pour lui. Son propriétaire doit lui accorder SELECT ; relancez ensuite la mise à jour.';
$string['greffe:sendmessage'] = 'Être l’expéditeur de messages aux participants d’un cours';
$string['greffe:viewhealth'] = 'Voir l’état de santé du registre';
$string['greffe:viewreasons'] = 'Voir pourquoi chaque participant est dans le cours';
$string['message:maynot'] = 'L’expéditeur n’a pas le droit d’écrire aux participants de ce cours.';
$string['message:nocourse'] = 'Le cours n’existe plus.';
$string['message:nosender'] = 'Le compte de l’expéditeur n’existe plus ou est suspendu.';
$string['messageprovider:coursemessage'] = 'Messages aux participants d’un cours';
$string['pluginname'] = 'Greffe';
$string['privacy:changes'] = 'Changements';
$string['privacy:messages'] = 'Messages';
$string['privacy:metadata:change'] = 'Le journal de ce qui a été changé d’après les inscriptions de l’université : qui a été inscrit, a reçu un rôle, est entré dans un groupe ou une cohorte ou en est sorti, et pourquoi.';
$string['privacy:metadata:change:action'] = 'Ce qui a été fait';
$string['privacy:metadata:change:cohortid'] = 'La cohorte';
$string['privacy:metadata:change:courseid'] = 'Le cours';
$string['privacy:metadata:change:feed'] = 'L’extraction qui nomme la personne';
$string['privacy:metadata:change:groupid'] = 'Le groupe';
$string['privacy:metadata:change:line'] = 'La ligne de cette extraction';
$string['privacy:metadata:change:newrow'] = 'La ligne de Moodle après le changement';
$string['privacy:metadata:change:oldrow'] = 'La ligne de Moodle avant le changement, qui permet de revenir en arrière';
$string['privacy:metadata:change:reason'] = 'Pourquoi cela a été fait';
$string['privacy:metadata:change:roleid'] = 'Le rôle';
$string['privacy:metadata:change:timecreated'] = 'Quand cela a été fait';
$string['privacy:metadata:change:userid'] = 'La personne';
$string['privacy:metadata:message'] = 'Les messages aux participants d’un cours, mis en file au nom d’une personne.';
$string['privacy:metadata:message:body'] = 'Le texte';
$string['privacy:metadata:message:courseid'] = 'Le cours';
$string['privacy:metadata:message:failures'] = 'Qui n’a pas pu être joint';
$string['privacy:metadata:message:recipients'] = 'À qui l’on écrit';
$string['privacy:metadata:message:subject'] = 'L’objet';
$string['privacy:metadata:message:timecreated'] = 'Quand il a été mis en file';
$string['privacy:metadata:message:userid'] = 'L’expéditeur';
$string['privacy:metadata:waiting'] = 'Les places qui attendent des personnes inscrites à l’université et qui n’ont pas encore de compte.';
$string['privacy:metadata:waiting:cohort'] = 'La cohorte';
$string['privacy:metadata:waiting:courseid'] = 'Le cours';
$string['privacy:metadata:waiting:feed'] = 'L’extraction qui nomme la personne';
$string['privacy:metadata:waiting:groupname'] = 'Le groupe';
$string['privacy:metadata:waiting:line'] = 'La ligne de cette extraction';
$string['privacy:metadata:waiting:person'] = 'Le numéro, l’identifiant ou l’adresse de la personne';
$string['privacy:metadata:waiting:roleid'] = 'Le rôle';
$string['privacy:metadata:waiting:timeend'] = 'Jusqu’à quand';
$string['privacy:metadata:waiting:timestart'] = 'À partir de quand';
$string['privacy:waiting'] = 'En attente de compte';
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
$string['setting:arrivals'] = 'Les nouveaux arrivants';
$string['setting:arrivals_desc'] = 'Les personnes que l’université a inscrites avant qu’elles aient un compte attendent dans une liste, refaite chaque nuit.';
$string['setting:arrivalsenabled'] = 'Inscrire dès que le compte apparaît';
$string['setting:arrivalsenabled_desc'] = 'Dès qu’un compte attendu par cette liste est créé, modifié ou utilisé, la personne est inscrite et entre dans ses groupes et cohortes. Sinon : la nuit suivante.';
$string['setting:arrivalsmaxage'] = 'Liste la plus ancienne';
$string['setting:arrivalsmaxage_desc'] = 'Une liste dont la dernière bonne nuit remonte à plus longtemps n’inscrit plus personne : les inscriptions ont pu changer depuis.';
$string['task:arrivals'] = 'Inscrire les personnes dont le compte est apparu';
$string['task:sendmessage'] = 'Envoyer un message aux participants';
$string['taskrelay'] = 'Informer Moodle de ce que le registre a changé';
