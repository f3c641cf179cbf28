"""What is said of a line, in French: these sentences go to teachers, who did not choose the language of this code."""

from __future__ import annotations

import re

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
}
"""The reader's own sentences; ``{}`` for what differs from line to line."""

_PATTERNS = [
    (re.compile(re.escape(english).replace(r"\{\}", "(.*)")), french)
    for english, french in (REASONS | NOTES).items()
]


def reason(why: str, language: str) -> str:
    """A reason, a note or how a file was read, in ``en`` or ``fr``; as it is, where there is no French for it."""
    if language == "fr":
        for pattern, french in _PATTERNS:
            if found := pattern.fullmatch(why):
                return french.format(*found.groups())
    return why
