"""Every sentence of mail, in both languages under the same keys."""

from __future__ import annotations

import re

from greffe.errors import Exit
from greffe.plan.verdict import NO_FEED, limit_words
from greffe.report.texts import KINDS, age, moment

_EN = {
    "colon": ":",
    "to_do": "What to do",
    "footer": "Greffe {version} on {host}, for the site {site}. Names of people never stand in these mails: the commands above show them.",
    "quiet": "Nothing is sent while all is well.",
    "site": "site",
    "host": "machine",
    "run": "run",
    "since": "since",
    "planned": "changes planned",
    "made": "changes made",
    "waiting": "people waiting for an account",
    "report": "report",
    "config": "configuration",
    "limits": "Limits that were reached",
    "more": "and {n} more",
    "limit": "{name}: {value} of {of}, {kind} (limit {limit})",
    "feed": "Feed {name}",
    "engine": "What the engine says",
    "for": "{what} for {age}",
    "subject": "[Greffe] {site}: {state} – {todo}",
    "again": "It has been so for {age}; this is told once in {again} until it is over.",
    # held
    "held_all": "HELD",
    "held_all_lead": "The guards hold run {run}: none of its {planned} was made. Moodle stays as it was until somebody has looked.",
    "held_places": "partly HELD",
    "held_places_lead": "Run {run} made {made}; what people would lose in some courses or cohorts ({places}) is held until somebody has looked.",
    "held_todo": "look at run {run}: approve it only if it is right",
    "held_look": "See what it would do, and why it is held:",
    "held_approve": "If it is right, let exactly this plan pass; the next night makes it:",
    "held_correct": "If it is not, have the feed delivered again: the next night plans anew, and nothing has to be taken back.",
    # feed
    "feed_one": "BAD FEED {feeds}",
    "feed_many": "BAD FEEDS {feeds}",
    "feed_lead": "Run {run} made {made}. What {feeds} reaches was left exactly as it was: nobody was added there, and nobody removed.",
    "feed_todo": "have it delivered again",
    "feed_deliver": "Have the extract delivered again, and look at it before the next night:",
    "feed_meant": "If the feed is right as it is (a closed programme, a new year), its limits are in the configuration:",
    # refused
    "refused": "REFUSED: {refused}",
    "refused_lead": "Run {run} made {made}; left out, since they could not be made exactly: {refused}. This is told once; the weekly summary goes on naming such nights.",
    "refused_todo": "look at run {run}",
    "refused_look": "See which, and why:",
    # failure
    "failure": "FAILED",
    "failure_lead": "Tonight’s run did not come to its end. What it had not committed is not there; a later night finishes the work.",
    "failure_todo_USAGE": "correct the configuration",
    "failure_todo_NOT_READY": "see what stops it",
    "failure_todo_DATABASE": "see to the database",
    "failure_todo_INTERRUPTED": "start it again",
    "failure_todo_BUG": "report a fault in Greffe",
    "failure_USAGE": "Correct the file, then see that nothing else stops a night:",
    "failure_NOT_READY": "See everything that stops a night, each with what to do:",
    "failure_DATABASE": "See that the database server runs and lets Greffe in:",
    "failure_INTERRUPTED": "It was stopped by a signal. The next night finishes; or start it now:",
    "failure_BUG": "Run it again so that it shows where, and report that:",
    # recovered
    "recovered": "back to normal",
    "recovered_todo": "nothing to do",
    "recovered_lead": "Run {run} ended well and made {made}. Before that the site was {was} for {age}.",
    "was_held": "held",
    "was_feed": "without a good feed",
    "was_refused": "refusing changes",
    "was_failure": "without a night that came to its end",
    # summary
    "summary_good": "a good week",
    "summary_bad": "{good} of {nights} good",
    "summary_none": "NO NIGHT this week",
    "summary_todo_good": "nothing to do",
    "summary_todo_bad": "see what is open",
    "summary_lead": "{nights} in {days}, {good} of them good; {changes} in all.",
    "nights": "Nights",
    "night_line": "{when}: run {run}, {state}, {changes}",
    "state_done": "good",
    "state_refused": "good, some changes refused",
    "state_places": "good, some places held",
    "state_partial": "bad feed",
    "state_held": "held",
    "state_failed": "failed",
    "state_interrupted": "stopped",
    "state_killed": "killed",
    "state_running": "running",
    "changes": "Changes",
    "added": "enrolments added or reactivated: {n}",
    "taken": "enrolments suspended or ended: {n}",
    "joined": "put into cohorts: {n}",
    "left": "taken out of cohorts: {n}",
    "other": "others (roles, groups, methods, times): {n}",
    "feeds": "Feeds",
    "feed_line": "{name}: read in {nights}, bad in {bad}; rows the last time: {rows}",
    "open": "Open now",
    "open_line": "{check}: {status}",
    "summary_look": "See each of them, with what to do:",
    "check_night": "last good night",
    "check_guard": "guards",
    "check_feeds": "feeds",
    "check_relay": "telling Moodle",
    "check_drift": "audits",
    "check_tables": "Greffe’s tables",
    "status_1": "somebody should look",
    "status_2": "somebody must look",
    "status_3": "cannot be told",
    # test
    "test": "a test",
    "test_todo": "nothing to do",
    "test_lead": "This is how a mail of Greffe arrives. If you can read it, its configuration is right.",
}

_FR = {
    "colon": " :",
    "to_do": "Que faire",
    "footer": "Greffe {version} sur {host}, pour le site {site}. Ces courriels ne nomment jamais personne : les commandes ci-dessus le font.",
    "quiet": "Rien n’est envoyé tant que tout va bien.",
    "site": "site",
    "host": "machine",
    "run": "exécution",
    "since": "depuis",
    "planned": "changements prévus",
    "made": "changements faits",
    "waiting": "personnes en attente de compte",
    "report": "rapport",
    "config": "configuration",
    "limits": "Limites atteintes",
    "more": "et {n} de plus",
    "limit": "{name} : {value} sur {of}, {kind} (limite {limit})",
    "feed": "Extraction {name}",
    "engine": "Ce que dit le moteur (en anglais)",
    "for": "{what} depuis {age}",
    "subject": "[Greffe] {site} : {state} – {todo}",
    "again": "Il en est ainsi depuis {age} ; un rappel part toutes les {again} jusqu’à ce que ce soit fini.",
    "held_all": "nuit RETENUE",
    "held_all_lead": "Les garde-fous retiennent l’exécution {run} : aucun de ses {planned} n’a été fait. Moodle reste tel quel jusqu’à ce que quelqu’un ait regardé.",
    "held_places": "nuit RETENUE en partie",
    "held_places_lead": "L’exécution {run} a fait {made} ; ce que l’on perdrait dans des cours ou cohortes ({places}) est retenu jusqu’à ce que quelqu’un ait regardé.",
    "held_todo": "regardez l’exécution {run}, et ne l’approuvez que si elle est juste",
    "held_look": "Voyez ce qu’elle ferait, et pourquoi elle est retenue :",
    "held_approve": "Si c’est juste, laissez passer exactement ce plan ; la nuit suivante le fait :",
    "held_correct": "Sinon, faites livrer de nouveau l’extraction : la nuit suivante refait son plan, et rien n’est à annuler.",
    "feed_one": "extraction {feeds} DÉFECTUEUSE",
    "feed_many": "extractions {feeds} DÉFECTUEUSES",
    "feed_lead": "L’exécution {run} a fait {made}. Tout ce qu’atteint {feeds} est resté exactement tel quel : personne n’y a été ajouté ni retiré.",
    "feed_todo": "faites livrer de nouveau",
    "feed_deliver": "Faites livrer de nouveau l’extraction, et vérifiez-la avant la prochaine nuit :",
    "feed_meant": "Si elle est juste telle quelle (formation fermée, nouvelle année), ses limites sont dans la configuration :",
    "refused": "REFUS : {refused}",
    "refused_lead": "L’exécution {run} a fait {made} ; laissés de côté, faute de pouvoir être faits exactement : {refused}. Ceci n’est dit qu’une fois ; le bilan de la semaine continue de nommer ces nuits.",
    "refused_todo": "regardez l’exécution {run}",
    "refused_look": "Voyez lesquels, et pourquoi :",
    "failure": "ÉCHEC de la nuit",
    "failure_lead": "L’exécution de cette nuit n’est pas allée à son terme. Ce qui n’était pas validé n’a pas été écrit ; une nuit suivante finira le travail.",
    "failure_todo_USAGE": "corrigez la configuration",
    "failure_todo_NOT_READY": "voyez ce qui l’arrête",
    "failure_todo_DATABASE": "voyez la base de données",
    "failure_todo_INTERRUPTED": "relancez-la",
    "failure_todo_BUG": "signalez un défaut de Greffe",
    "failure_USAGE": "Corrigez le fichier, puis vérifiez que rien d’autre n’arrête une nuit :",
    "failure_NOT_READY": "Voyez tout ce qui arrête une nuit, et que faire à chaque fois :",
    "failure_DATABASE": "Vérifiez que le serveur de base de données tourne et laisse entrer Greffe :",
    "failure_INTERRUPTED": "Un signal l’a arrêtée. La nuit suivante finit le travail ; ou relancez-la tout de suite :",
    "failure_BUG": "Relancez-la pour qu’elle montre où, et signalez-le :",
    "recovered": "retour à la normale",
    "recovered_todo": "rien à faire",
    "recovered_lead": "L’exécution {run} s’est bien terminée et a fait {made}. Auparavant, le site était {was} depuis {age}.",
    "was_held": "retenu",
    "was_feed": "sans bonne extraction",
    "was_refused": "avec des changements refusés",
    "was_failure": "sans nuit menée à son terme",
    "summary_good": "bonne semaine",
    "summary_bad": "{good} sans ennui sur {nights}",
    "summary_none": "AUCUNE NUIT cette semaine",
    "summary_todo_good": "rien à faire",
    "summary_todo_bad": "voyez ce qui reste ouvert",
    "summary_lead": "{nights} en {days}, dont {good} sans ennui ; {changes} en tout.",
    "nights": "Nuits",
    "night_line": "{when} : exécution {run}, {state}, {changes}",
    "state_done": "bonne",
    "state_refused": "bonne, des changements refusés",
    "state_places": "bonne, des cours ou cohortes retenus",
    "state_partial": "extraction défectueuse",
    "state_held": "retenue",
    "state_failed": "en échec",
    "state_interrupted": "arrêtée",
    "state_killed": "tuée",
    "state_running": "en cours",
    "changes": "Changements",
    "added": "inscriptions ajoutées ou réactivées : {n}",
    "taken": "inscriptions suspendues ou terminées : {n}",
    "joined": "entrées en cohorte : {n}",
    "left": "sorties de cohorte : {n}",
    "other": "autres (rôles, groupes, méthodes, dates) : {n}",
    "feeds": "Extractions",
    "feed_line": "{name} : lue {nights}, défectueuse {bad} ; lignes la dernière fois : {rows}",
    "open": "À voir maintenant",
    "open_line": "{check} : {status}",
    "summary_look": "Voyez chaque point, et que faire :",
    "check_night": "dernière bonne nuit",
    "check_guard": "garde-fous",
    "check_feeds": "extractions",
    "check_relay": "ce qui est dit à Moodle",
    "check_drift": "audits",
    "check_tables": "tables de Greffe",
    "status_1": "à regarder",
    "status_2": "à regarder sans attendre",
    "status_3": "impossible à dire",
    "test": "essai",
    "test_todo": "rien à faire",
    "test_lead": "Voici comment arrive un courriel de Greffe. Si vous le lisez, sa configuration est bonne.",
}

WORDS: dict[str, dict[str, str]] = {"en": _EN, "fr": _FR}

_UNITS_FR = {
    ", from ": ", à partir de ",
    "enrolments": "inscriptions",
    "members": "membres",
    "people": "personnes",
    "%": " %",
}
_LIMITS_FR = {
    "additions": "inscriptions ajoutées",
    "changes": "inscriptions modifiées",
    "suspensions": "inscriptions suspendues",
    "removals": "inscriptions qui perdent quelque chose",
    "at-most": "inscriptions qui perdent quelque chose",
    "everybody": "tout le monde partirait",
    "emptied": "cours vidés",
    "member-additions": "membres ajoutés",
    "member-removals": "membres retirés",
    "member-at-most": "membres retirés",
    "member-everybody": "tout le monde partirait",
    "member-emptied": "cohortes vidées",
}


def number(value: int, language: str) -> str:
    """``12,345``, ``12 345``."""
    return f"{value:,}".replace(",", " ") if language == "fr" else f"{value:,}"


_NOUNS = {
    "en": {"change": ("change", "changes"), "night": ("night", "nights"), "day": ("day", "days")},
    "fr": {"change": ("changement", "changements"), "night": ("nuit", "nuits"), "day": ("jour", "jours")},
}


def counted(value: int, noun: str, language: str) -> str:
    """``1 change``, ``0 changes``; in French ``0 changement``."""
    one, many = _NOUNS[language][noun]
    single = value < 2 if language == "fr" else value == 1
    return f"{number(value, language)} {one if single else many}"


def lasted(seconds: int, language: str) -> str:
    """``3 d 2 h``, ``3 j 2 h``."""
    words = age(seconds)
    return words.replace(" d", " j") if language == "fr" else words


def pause(typed: str, language: str) -> str:
    """A duration as it stands in the configuration, as people write it: ``24 h``, ``2 j``."""
    unit = {"m": "min", "d": "j" if language == "fr" else "d"}.get(typed[-1], typed[-1])
    return f"{typed[:-1]}\N{NO-BREAK SPACE}{unit}"


def when(seconds: int) -> str:
    """A moment, without its seconds."""
    return moment(seconds)[:16]


def limit_kind(kind: str, language: str) -> str:
    """What a limit counts."""
    return (_LIMITS_FR if language == "fr" else KINDS).get(kind, kind)


def limit_name(name: str, language: str) -> str:
    """What reached it: a feed, a course or a cohort by its name, or what stands for all of them."""
    if language == "fr" and name == NO_FEED:
        return "plus aucune extraction"
    found = re.fullmatch(r"all (\w+) methods", name) if language == "fr" else None
    return f"toutes les méthodes {found[1]}" if found else name


def limit_of(limit: str, language: str) -> str:
    """``10%, from 50 enrolments``."""
    words = limit_words(limit)
    for english, french in _UNITS_FR.items() if language == "fr" else ():
        words = words.replace(english, french)
    return words


def failure_key(code: int) -> str:
    """Which advice an exit code has."""
    known = (Exit.USAGE, Exit.NOT_READY, Exit.DATABASE, Exit.INTERRUPTED, Exit.BUG)
    return next((one.name for one in known if one == code), Exit.NOT_READY.name)
