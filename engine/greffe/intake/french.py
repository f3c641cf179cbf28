"""What is said of a line, in French: these sentences go to teachers, who did not choose the language of this code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from greffe.intake.frenchnotes import NOTES

REASONS = {
    "no person": "il manque la personne",
    "no course": "il manque le cours",
    "no child course": "il manque le cours lié",
    "no parent course": "il manque le cours parent",
    "no parent course (metacoursename)": "il manque le cours parent (metacoursename)",
    "no cohort": "il manque la cohorte",
    "no cohort (cohortidnumber)": "il manque la cohorte (cohortidnumber)",
    "no idnumber: without it, nothing would know the cohort again": "il manque l’idnumber : sans lui, rien ne reconnaîtrait la cohorte",
    "no role": "il manque le rôle",
    "no name": "il manque le nom",
    "holds a NUL character": "contient un caractère nul",
    "holds a line break: is a quote opened and closed on another line?": "contient un retour à la ligne : un guillemet s’ouvre-t-il ici pour se fermer sur une autre ligne ?",
    "holds a separator: this line is written otherwise than the others": "contient un séparateur : cette ligne n’est pas écrite comme les autres",
    "was turned into a number by a spreadsheet, and its last digits are lost: make the column text there, and fill it in again": "a été changé en nombre par un tableur, et ses derniers chiffres sont perdus : mettez la colonne au format texte et saisissez-le de nouveau",
    "lost letters when the file was saved in another encoding: fill it in again": "a perdu des lettres quand le fichier a été enregistré dans un autre encodage : saisissez-le de nouveau",
    "its quotes cannot be paired: write a quote inside quotes twice": "ses guillemets ne vont pas par paires : doublez un guillemet placé entre guillemets",
    "has {} cells, the header {}": "a {} cellules, l’en-tête {}",
    "has {} cell, the header {}": "a {} cellule, l’en-tête {}",
    "has {} cells, the header {}: is a separator too many in it?": "a {} cellules, l’en-tête {} : y a-t-il un séparateur de trop ?",
    "has {} cell instead of {} to {}": "a {} cellule au lieu de {} à {}",
    "has {} cells instead of {} to {}": "a {} cellules au lieu de {} à {}",
    "has {} cell instead of {}": "a {} cellule au lieu de {}",
    "has {} cells instead of {}": "a {} cellules au lieu de {}",
    "has {} cells; a person and a group are two": "a {} cellules ; une personne et un groupe en font deux",
    "contradicts line {}": "contredit la ligne {}",
    "contradicts itself": "se contredit",
    "is neither 1 nor 0": "n’est ni 1 ni 0",
    "is neither cohort nor meta: other methods follow nobody": "n’est ni cohort ni meta : les autres méthodes ne suivent personne",
    "is not something to do: {}": "n’est pas une action : {}",
    "is no date: write 2026-09-01, or 2026-09-01 08:00": "n’est pas une date : écrivez 2026-09-01, ou 2026-09-01 08:00",
    "is neither a date nor seconds since 1970: write 2026-09-01, or 2026-09-01 08:00": "n’est ni une date ni un nombre de secondes depuis 1970 : écrivez 2026-09-01, ou 2026-09-01 08:00",
    "may be one of two days, since Moodle reads the month first here: write 2026-09-01, or 2026-09-01 08:00": "peut être un jour ou un autre, car Moodle lit ici le mois d’abord : écrivez 2026-09-01, ou 2026-09-01 08:00",
    "has a year of two digits: write 2026-09-01, or 2026-09-01 08:00": "a une année à deux chiffres : écrivez 2026-09-01, ou 2026-09-01 08:00",
    "does not tell which hour, as the clocks change then: write 2026-09-01, or 2026-09-01 08:00": "ne dit pas quelle heure, car on change d’heure à ce moment : écrivez 2026-09-01, ou 2026-09-01 08:00",
    "is a date that Moodle cannot hold: write 2026-09-01, or 2026-09-01 08:00": "est une date que Moodle ne peut pas garder : écrivez 2026-09-01, ou 2026-09-01 08:00",
    "ends before it starts": "finit avant d’avoir commencé",
    "is not a number of days": "n’est pas un nombre de jours",
    "is a line of format 5 (bulk enrol) in a file of another": "est une ligne du format 5 (bulk enrol) dans un fichier d’un autre format",
    "is not one e-mail address": "n’est pas une adresse de courriel",
    "opens a group without a name": "ouvre un groupe sans nom",
    "stands under a group that was refused": "est sous un groupe qui a été refusé",
    "asks for a change of the account, which Greffe never makes": "demande un changement du compte, ce que Greffe ne fait jamais",
    "belongs to no course": "ne se rapporte à aucun cours",
    "belongs to no method": "ne se rapporte à aucune méthode",
    "is read by Moodle as a cohort's id, not its idnumber: use a file of members": "est lu par Moodle comme l’id d’une cohorte, et non son idnumber : passez par un fichier de membres",
    "is a context's id, which no other site shares: name the category": "est l’id d’un contexte, propre à un site : nommez la catégorie",
    "is none of the types 1, 2 and 3": "n’est aucun des types 1, 2 et 3",
    "is no status: 0 is active, 1 suspended": "n’est pas un état : 0 pour actif, 1 pour suspendu",
    "is not for the method {}": "ne concerne pas la méthode {}",
    "asks for a new group named after the source: write its name in groupname": "demande un nouveau groupe au nom de la source : écrivez ce nom dans groupname",
    "names a group, although addtogroup wants none": "nomme un groupe, alors que addtogroup n’en veut aucun",
    # of those who look lines up
    "nobody has this idnumber": "personne n’a cet idnumber",
    "nobody has this username": "personne n’a cet identifiant",
    "nobody has this e-mail address": "personne n’a cette adresse de courriel",
    "nobody has this idnumber, username or e-mail address": "personne n’a cet idnumber, cet identifiant ou cette adresse de courriel",
    "{} accounts have it: {}; name the person by another field": "{} comptes y répondent : {} ; désignez la personne par un autre champ",
    "there is no course with this shortname": "aucun cours n’a ce nom abrégé",
    "there is no course with this idnumber": "aucun cours n’a cet idnumber",
    "there is no course with this shortname or idnumber": "aucun cours n’a ce nom abrégé ni cet idnumber",
    "{} courses have it: {}; name the course by its other key": "{} cours y répondent : {} ; désignez le cours par son autre clé",
    "this role cannot be given in a course": "ce rôle ne peut être donné dans un cours",
    "there is no role with this shortname; those that can be given in a course: {}": "aucun rôle n’a ce nom abrégé ; ceux que l’on peut donner dans un cours : {}",
    "several roles are called so; write the shortname: {}": "plusieurs rôles portent ce nom ; écrivez le nom abrégé : {}",
    "it names nobody": "la ligne ne nomme personne",
    "it names no course; name one with --course": "la ligne ne nomme aucun cours ; nommez-en un avec --course",
    "it is another course than --course names": "c’est un autre cours que celui de --course",
    "line {} says otherwise of the same person in the same course": "la ligne {} dit autre chose de la même personne dans le même cours",
    "a group's name has at most {} characters": "un nom de groupe a au plus {} caractères",
    "a grouping's name has at most {} characters": "un nom de groupement a au plus {} caractères",
    "a grouping holds groups, and the line names none": "un groupement contient des groupes, et la ligne n’en nomme aucun",
    "the course has no self enrolment; add it in Moodle, which decides who may come by it": "le cours n’a pas d’auto-inscription ; ajoutez-la dans Moodle, qui décide qui peut venir par elle",
    "the course has several instances of the method {}; nobody can know which is meant": "le cours a plusieurs instances de la méthode {} ; nul ne peut savoir laquelle",
    "the method gives no role by default there, and neither does the line; name one with --role": "la méthode n’y donne aucun rôle par défaut, et la ligne non plus ; nommez-en un avec --role",
    "nobody brought this person into these courses by the method {}": "personne n’est venu dans ces cours par la méthode {} sous ce nom",
    "suspended only: grades would go with the enrolment": "suspendue seulement : des notes partiraient avec l’inscription",
    "switched off only: grades would go with the method": "désactivée seulement : des notes partiraient avec la méthode",
    "not done: the calendar leaves it; give the file again after {}": "pas fait : le calendrier ne le permet pas ; redonnez le fichier après le {}",
    "held until somebody has looked at it": "retenu jusqu’à ce que quelqu’un l’ait regardé",
    "not done, since other lines are refused": "pas fait, car d’autres lignes sont refusées",
}
"""Sentences about lines; ``{}`` for what differs from line to line."""


def patterns(sentences: Mapping[str, str]) -> list[tuple[re.Pattern[str], str]]:
    """English → French, with ``{}`` for what differs, as ``translated`` wants them."""
    return [
        (re.compile(re.escape(english).replace(r"\{\}", "(.*)")), french)
        for english, french in sentences.items()
    ]


def translated(text: str, known: Iterable[tuple[re.Pattern[str], str]]) -> str:
    """A sentence in French; as it is, where there is no French for it."""
    for pattern, french in known:
        if found := pattern.fullmatch(text):
            return french.format(*found.groups())
    return text


_PATTERNS = patterns(REASONS | NOTES)


def reason(why: str, language: str) -> str:
    """A reason, a note or how a file was read, in ``en`` or ``fr``; as it is, where there is no French for it."""
    return translated(why, _PATTERNS) if language == "fr" else why
