"""Every title, heading and word of a list, in English and French, in one place."""

from __future__ import annotations

from greffe.view.wording import METHODS, ROLES

Pair = tuple[str, str]
"""A text in each of ``greffe.language.LANGUAGES``."""

TITLES: dict[str, Pair] = {
    "participants": ("Participants", "Participants"),
    "students": ("Student list", "Liste des étudiants"),
    "courses": ("Courses of a person", "Cours d’une personne"),
    "cohort": ("Members of a cohort", "Membres d’une cohorte"),
    "no-method": ("Courses without a usable enrolment method", "Cours sans méthode d’inscription utilisable"),
    "promotion": ("Cohort and courses side by side", "Cohorte et cours côte à côte"),
}
"""Name of a list → what stands above it."""

HEADINGS: dict[str, Pair] = {
    "category": ("Category", "Catégorie"),
    "cohort": ("Cohort", "Cohorte"),
    "course": ("Course", "Cours"),
    "courses": ("Courses they are in", "Cours où ils sont"),
    "email": ("E-mail", "Adresse de courriel"),
    "end": ("End", "Fin"),
    "enrolled": ("Enrolled on", "Inscription le"),
    "fullname": ("Name", "Nom complet"),
    "firstname": ("First name", "Prénom"),
    "groups": ("Groups", "Groupes"),
    "idnumber": ("ID number", "N° d’identification"),
    "joined": ("Member since", "Membre depuis le"),
    "last_access": ("Last access to course", "Dernier accès au cours"),
    "lastname": ("Last name", "Nom"),
    "method": ("Method", "Méthode"),
    "methods": ("Methods", "Méthodes"),
    "missing": ("Not yet in", "Pas encore dans"),
    "people": ("People enrolled", "Personnes inscrites"),
    "roles": ("Roles", "Rôles"),
    "run": ("Run", "Exécution"),
    "shortname": ("Short name", "Nom abrégé"),
    "start": ("Start", "Début"),
    "status": ("Status", "Statut"),
    "username": ("Username", "Nom d’utilisateur"),
    "visible": ("Shown", "Affiché"),
    "where": ("Found", "Constat"),
    "why": ("Why", "Motif"),
}
"""Key of a column → its heading."""

_STATUS: dict[str, Pair] = {
    "active": ("Active", "Actif"),
    "suspended": ("Suspended", "Suspendu"),
    "not-current": ("Not current", "Hors période"),
}

WORDS: dict[str, dict[str, Pair]] = {
    "method": METHODS,
    "methods": METHODS,
    "roles": ROLES,
    "status": _STATUS,
    "visible": {"yes": ("yes", "oui"), "no": ("no", "non")},
    "asked-group": {"none": ("none", "aucun")},
    "asked-inactive-for": {"0": ("never came", "jamais venus")},
    "asked-order": {"moodle": ("the site’s database", "base du site")},
    "asked-role": {"none": ("none", "aucun")},
    "asked-sort": {"descending": ("descending", "ordre décroissant")},
    "where": {
        "cohort-only": ("in the cohort, not in the course", "dans la cohorte, pas dans le cours"),
        "not-active": ("in both, but not active in the course", "dans les deux, mais inactif dans le cours"),
        "course-only": ("in the course, not in the cohort", "dans le cours, pas dans la cohorte"),
    },
    "why": {
        "none": ("it has none", "aucune méthode"),
        "off": ("all are switched off", "toutes sont désactivées"),
        "plugin-off": ("their plugin is off or gone", "leur plugin est désactivé ou absent"),
    },
}
"""Key of a column → code → its word. A code that is not here is shown as it is: methods and roles can be anybody's."""

ASKED: dict[str, Pair] = {
    "group": ("only group", "seulement le groupe"),
    "inactive-for": ("only who is absent", "seulement les absents"),
    "method": ("only method", "seulement la méthode"),
    "order": ("order of texts", "ordre des textes"),
    "role": ("only role", "seulement le rôle"),
    "sort": ("sorted by", "trié par"),
    "status": ("only status", "seulement le statut"),
}
"""What a list was asked for → what stands before its values."""

ZERO: dict[str, Pair] = {"last_access": ("never", "jamais")}
"""Key of a column of moments → what 0 is there; elsewhere it is nothing that need be said."""

NOTES: dict[str, Pair] = {
    "agree": (
        "Everybody is where the cohort says; courses looked at: {n}.",
        "Chacun est là où la cohorte le veut ; cours comparés : {n}.",
    ),
    "by-others": (
        "People whom other cohorts bring into these courses, not listed: {n}.",
        "Personnes que d’autres cohortes amènent dans ces cours, non listées : {n}.",
    ),
    "opens": ("Courses that the cohort opens: {n} ({names}).", "Cours que la cohorte ouvre : {n} ({names})."),
    "opens-none": ("The cohort opens no course.", "La cohorte n’ouvre aucun cours."),
    "switched-off": (
        "Its cohort methods that are switched off and let nobody in: {n}.",
        "Ses méthodes de synchronisation désactivées, qui ne font entrer personne : {n}.",
    ),
    "cut": (
        "Texts that are too long for this format were cut.",
        "Des textes trop longs pour ce format ont été coupés.",
    ),
}
"""Code of a note → its sentence; ``{n}`` is the number that stands behind the code, ``{names}`` what comes after it and a colon."""

SAYINGS: dict[str, Pair] = {
    "about": ("about", "objet"),
    "away": ("for {ago}, or who never came", "depuis {ago}, ou jamais venus"),
    "counted": ("{n} {kind}", "{n} {kind}"),
    "left_out": ("No room here for: {columns}", "Pas de place ici pour : {columns}"),
    "made": ("made", "établie le"),
    "no_rows": ("Nobody and nothing is in this list.", "Cette liste est vide."),
    "notes": ("notes", "remarques"),
    "one_row": ("1 line", "1 ligne"),
    "none": ("0 lines", "0 ligne"),
    "rows": ("{n} lines", "{n} lignes"),
    "private": (
        "Names people: keep it where only those who need it can read it.",
        "Données personnelles : à conserver là où seules les personnes habilitées peuvent les lire.",
    ),
    "sheet": ("About", "À propos"),
    "site": ("site", "site"),
    "sort": ("Sort by", "Trier par"),
    "sorted": ("Sorted by {heading}, {way}", "Trié par {heading}, {way}"),
    "titled": ("{title}: {about}", "{title} : {about}"),
    "rising": ("ascending", "ordre croissant"),
    "falling": ("descending", "ordre décroissant"),
    "file": ("The list is {path}: {rows}.", "La liste est dans {path} : {rows}."),
}
"""What else the lists say."""
