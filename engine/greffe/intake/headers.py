"""The words that stand above columns, in English, in French and in Moodle's own, and what is meant by them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from greffe.errors import ArgumentError, BatchfileError
from greffe.intake.cells import tidy
from greffe.intake.lines import CourseKey, Doubt, PersonKey
from greffe.intake.wants import Manner
from greffe.rules.text import clean, fold, shown

REASON = "refused_because"
"""The column of the file of refused lines that says why; read again, it says nothing."""

_GAPS = re.compile(r"[\W_]+")


def plain(name: str) -> str:
    """A header as it is compared: without case, accents, signs: ``N° étudiant`` is ``n_etudiant``."""
    return _GAPS.sub("_", fold(clean(name))).strip("_")


@dataclass(frozen=True, slots=True)
class PersonWord:
    """A header above people."""

    key: PersonKey
    leaning: PersonKey = PersonKey.ANY
    """Of a word that leaves the key open: what it is nevertheless called first."""


_ANY_IDNUMBER = PersonWord(PersonKey.ANY, PersonKey.IDNUMBER)
_ANY_USERNAME = PersonWord(PersonKey.ANY, PersonKey.USERNAME)

PERSON_WORDS: Mapping[str, PersonWord] = {
    "person": PersonWord(PersonKey.ANY),
    "personne": PersonWord(PersonKey.ANY),
    **dict.fromkeys(
        ("numero_etudiant", "num_etudiant", "n_etudiant", "no_etudiant", "numero_d_etudiant", "n_d_etudiant",
         "code_etudiant", "cod_etu", "etudiant", "numero", "student_number", "student_id"),
        _ANY_IDNUMBER,
    ),
    **dict.fromkeys(("identifiant", "login", "uid", "identifiant_ent"), _ANY_USERNAME),
    **dict.fromkeys(("idnumber", "id_number", "numero_d_identification"), PersonWord(PersonKey.IDNUMBER)),
    **dict.fromkeys(("username", "user_name", "nom_d_utilisateur", "nom_utilisateur"), PersonWord(PersonKey.USERNAME)),
    **dict.fromkeys(
        ("email", "e_mail", "mail", "courriel", "adresse_de_courriel", "adresse_mail", "adresse_email",
         "adresse_e_mail", "adresse_electronique", "email_address"),
        PersonWord(PersonKey.EMAIL),
    ),
}  # fmt: skip

COURSE_WORDS: Mapping[str, CourseKey] = {
    **dict.fromkeys(("course", "cours"), CourseKey.ANY),
    **dict.fromkeys(
        ("shortname", "course_shortname", "nom_abrege", "nom_abrege_du_cours", "nom_court"),
        CourseKey.SHORTNAME,
    ),
    **dict.fromkeys(
        ("course_idnumber", "idnumber_cours", "code_cours", "code_elp", "cod_elp"), CourseKey.IDNUMBER
    ),
}

WORDS: Mapping[str, str] = {
    **dict.fromkeys(("role",), "role"),
    **dict.fromkeys(("group", "groupe", "groupname", "group_name", "nom_du_groupe"), "group"),
    **dict.fromkeys(("grouping", "groupement"), "grouping"),
    **dict.fromkeys(
        ("start", "debut", "date_de_debut", "date_debut", "timestart", "start_date", "startdate"), "start"
    ),
    **dict.fromkeys(("end", "fin", "date_de_fin", "date_fin", "timeend", "end_date", "enddate"), "end"),
    **dict.fromkeys(("action", "operation"), "action"),
    **dict.fromkeys(("suspended", "suspendu", "suspendue"), "suspended"),
    **dict.fromkeys(("method", "methode", "methode_d_inscription"), "method"),
    **dict.fromkeys(("cohort", "cohorte", "cohort_idnumber", "cohortid"), "cohort"),
    **dict.fromkeys(("parent", "cours_parent", "parent_course", "meta"), "parent"),
    **dict.fromkeys(("enabled", "active", "actif", "activee"), "enabled"),
    **dict.fromkeys(("name", "nom", "intitule"), "name"),
    **dict.fromkeys(("description",), "description"),
    **dict.fromkeys(("visible",), "visible"),
    **dict.fromkeys(("category", "categorie"), "category"),
    **dict.fromkeys(("context", "contexte"), "context"),
}


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of one file by what they mean."""

    names: tuple[str, ...]
    """As delivered, trimmed; without the empty ones at the end."""
    fields: Mapping[str, int]
    """Greffe's word → position, of what ``WORDS`` knows or the caller named."""
    people: Sequence[tuple[int, PersonWord]]
    courses: Sequence[tuple[int, CourseKey]]
    exact: Mapping[str, int]
    """The header itself, compared as ``plain`` → position, for formats with words of their own."""
    twice: tuple[str, ...]
    """Names that stand above several columns."""

    def at(self, field: str) -> int:
        """Position of a column, -1 where there is none."""
        return self.fields.get(field, -1)


def header_of(cells: Iterable[str], columns: Mapping[str, str]) -> Header | None:
    """A first row as a header; None for an empty one, and where a column that the caller names is not there."""
    names = [tidy(c) for c in cells]
    while names and not names[-1]:
        names.pop()
    words = [plain(name) for name in names]
    exact = {word: i for i, word in enumerate(words) if word and words.index(word) == i}
    twice = tuple(name for i, name in enumerate(names) if words[i] and exact[words[i]] != i)
    if not exact:
        return None
    called = {plain(name): field for field, name in columns.items()}
    if not called.keys() <= exact.keys():
        return None
    named = {field: exact[word] for word, field in called.items()}
    fields: dict[str, int] = dict(named)
    people: list[tuple[int, PersonWord]] = []
    courses: list[tuple[int, CourseKey]] = []
    for word, i in exact.items():
        if i in named.values():
            continue
        if word in PERSON_WORDS and "person" not in named:
            people.append((i, PERSON_WORDS[word]))
        elif word in COURSE_WORDS and "course" not in named:
            courses.append((i, COURSE_WORDS[word]))
        elif word in WORDS and WORDS[word] not in fields:
            fields[WORDS[word]] = i
    if "person" in named:
        i = named["person"]
        people = [(i, PERSON_WORDS.get(plain(names[i]), PERSON_WORDS["person"]))]
    if "course" in named:
        i = named["course"]
        courses = [(i, COURSE_WORDS.get(plain(names[i]), CourseKey.ANY))]
    return Header(tuple(names), fields, people, courses, exact, twice)


def person_column(header: Header, manner: Manner) -> tuple[int, PersonKey] | Doubt:
    """Where the people stand and what they are matched by; a doubt where several columns could say it."""
    wanted = manner.person_key
    if len(header.people) == 1:
        index, word = header.people[0]
        return index, wanted or word.key
    if wanted and wanted is not PersonKey.ANY:
        exact = [i for i, word in header.people if word.key is wanted]
        leaning = [i for i, word in header.people if word.leaning is wanted]
        for found in (exact, leaning):
            if len(found) == 1:
                return found[0], wanted
    names = [header.names[i] for i, _ in header.people]
    choices = [(w.key if w.key is not PersonKey.ANY else w.leaning).value for _, w in header.people]
    if wanted or len(set(choices)) < len(choices) or PersonKey.ANY in choices:
        raise BatchfileError(
            f"{manner.where}: the columns {listed(names)} could all say who is meant",
            todo="Say which one: `--column person=NAME`.",
        )
    return Doubt(
        "--person-key", f"people could be matched by the columns {listed(names)}: by which?", tuple(choices)
    )


def passed_over(header: Header, used: Iterable[int], known: Iterable[str]) -> str:
    """A sentence on the columns that nobody reads, '' for none; a likely misspelling is named."""
    taken = set(used)
    unused = [n for i, n in enumerate(header.names) if n and i not in taken and plain(n) != REASON]
    if not unused:
        return ""
    words = list(known)
    likely = [
        f"{shown(name)}: is {found[0]!r} meant?"
        for name in unused
        if (found := get_close_matches(plain(name), words, 1, 0.8)) and header.at(found[0]) < 0
    ]
    return f"columns passed over: {listed(unused)}" + "".join(f" ({words})" for words in likely)


def check_columns(columns: Mapping[str, str], known: Iterable[str]) -> None:
    """Raise ArgumentError where the caller names a column that no line has."""
    words = list(known)
    for field in columns:
        if field not in words:
            raise ArgumentError(
                f"--column {field}=…: there is no column {field!r}; there are {', '.join(words)}"
            )


def listed(names: Iterable[str]) -> str:
    """Names in a sentence."""
    return ", ".join(map(shown, names))
