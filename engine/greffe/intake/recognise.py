"""Which dialect and separator a file's first rows speak for: one, several (which is asked), or none (which is refused)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from greffe.errors import ArgumentError, BatchfileError
from greffe.intake import cohorts, methods, people
from greffe.intake.cells import SEPARATORS, quoted, tidy
from greffe.intake.dialect import DOINGS, Bare, Dialect, Headed
from greffe.intake.headers import check_columns, header_of
from greffe.intake.lines import Doing, Doubt
from greffe.intake.textfile import NO_SEPARATOR
from greffe.intake.wants import Manner, Wants

HEADED: tuple[type[Headed], ...] = (
    methods.UploadMethods,
    methods.UploadCourse,
    people.UploadUser,
    people.BulkClient,
    cohorts.UploadCohorts,
    people.NamedMassEnrol,
    people.NativePeople,
    people.OneCourseNative,
    methods.NativeMethods,
    cohorts.NativeMembers,
    cohorts.NativeCohorts,
)
"""Those of a tool first: what is theirs to the letter is called theirs."""
BARE: tuple[type[Bare], ...] = (people.FlatFile, methods.MetaLink, cohorts.CohortSync)
LISTS: tuple[type[Dialect], ...] = (people.MassEnrol, people.UserEnrols, people.BulkEnrol)
TITLES = {d.code: d.title for d in (*LISTS, *BARE, *HEADED) if d.code != "native"}
_COLUMNS = {
    Wants.PEOPLE: people.COLUMNS,
    Wants.ONE_COURSE: people.COLUMNS,
    Wants.METHODS: methods.COLUMNS,
    Wants.COHORTS: cohorts.COLUMNS,
    Wants.MEMBERS: cohorts.MEMBER_COLUMNS,
}
NAMED = {";": "';'", ",": "','", "\t": "tab", "|": "'|'", NO_SEPARATOR: "one column"}
"""How separators are told and taken."""

Rows = list[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Reading:
    """One way in which the file can be meant."""

    dialect: Dialect
    separator: str


def separator_of(text: str) -> str:
    """What ``--separator`` takes, as the character; '' for nothing."""
    named = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "none": NO_SEPARATOR}
    mark = named.get(text, text)
    if mark and mark not in NAMED:
        raise ArgumentError("--separator takes ';', ',', tab, '|' or none")
    return mark


def readings(
    sample: Callable[[str], Rows],
    separator: str,
    code: str,
    wants: frozenset[Wants],
    manner: Manner,
) -> list[Reading]:
    """All ways in which the first rows make sense; raises BatchfileError where there is none.

    ``sample`` gives those rows as a separator divides them; ``separator`` '' and ``code`` '' are to be found.
    """
    check_columns(manner.columns, [c for kind in Wants if kind in wants for c in _COLUMNS[kind]])
    _check_code(code, wants)
    whole = sample(NO_SEPARATOR)
    marks = [separator] if separator else [m for m in SEPARATORS if any(m in row[0] for row in whole)]
    if not whole or not all(map(sample, marks)):
        raise BatchfileError(f"{manner.where}: is empty")
    found = [
        Reading(d, m) for m in marks or [NO_SEPARATOR] for d in _first_row(sample(m), code, wants, manner)
    ]
    if not found and marks and not separator:
        found = [Reading(d, NO_SEPARATOR) for d in _first_row(whole, code, wants, manner)]
    if not found and Wants.ONE_COURSE in wants and not manner.columns:
        found = _lists(sample, whole, marks, code, manner)
    if not found:
        raise _unknown(sample(marks[0]) if marks else whole, code, wants, manner)
    return found


def doubts(found: Sequence[Reading]) -> list[Doubt]:
    """What must be asked to be left with one reading."""
    asked = []
    marks = list(dict.fromkeys(r.separator for r in found))
    if len(marks) > 1:
        asked.append(
            Doubt(
                "--separator",
                f"cells could be divided by {' or '.join(NAMED[m] for m in marks)}",
                tuple("tab" if m == "\t" else "none" if m == NO_SEPARATOR else m for m in marks),
            )
        )
    codes = list(dict.fromkeys(r.dialect.code for r in found))
    if len(codes) > 1:
        asked.append(Doubt("--format", _which(found), tuple(codes)))
    return asked


def _which(found: Sequence[Reading]) -> str:
    codes = {r.dialect.code: r.dialect for r in found}
    if codes.keys() == {"3", "4"}:
        first = next(r.dialect for r in found if r.dialect.code == "3").names
        return f"is the first line ({quoted(first)}) a heading (3), or a person (4)?"
    return "it could be " + " or ".join(f"{code} ({d.title})" for code, d in codes.items())


def _check_code(code: str, wants: frozenset[Wants]) -> None:
    able = {d.code: d.kinds for d in (*LISTS, *BARE, *HEADED)}
    if code and code not in able:
        raise ArgumentError(f"--format takes {', '.join(sorted(TITLES, key=int))} or native")
    if code and code != "native" and not able[code] & wants:
        raise ArgumentError(_elsewhere(code, able[code]))


def _elsewhere(code: str, kinds: Iterable[Wants]) -> str:
    if Wants.PEOPLE in kinds:
        return f"format {code} ({TITLES[code]}) names its courses itself: leave out --course"
    if Wants.ONE_COURSE in kinds:
        return f"format {code} ({TITLES[code]}) is for one course: name it with --course"
    kind = next(iter(kinds))
    return f"format {code} ({TITLES[code]}) is about {kind.value}: another command reads it"


def _first_row(rows: Rows, code: str, wants: frozenset[Wants], manner: Manner) -> list[Dialect]:
    """The dialects whose header, or first line, stands in the first row."""
    header = header_of(rows[0], manner.columns)
    if header:
        fitting = [d for d in HEADED if (d.kinds & wants) and (not code or d.code == code) and d.fits(header)]
        # Greffe's own words hold where no tool's do, and both would read the same
        tools = [d for d in fitting if d.code != "native" and not manner.columns]
        kinds = {k for d in tools for k in d.kinds}
        chosen = [*tools, *(d for d in fitting if d.code == "native" and not d.kinds & kinds)]
        if chosen:
            return [d(header, manner) for d in chosen]
    if manner.columns:
        return []
    return [
        d(manner)
        for d in BARE
        if (d.kinds & wants)
        and (not code or d.code == code)
        and DOINGS.get(tidy(rows[0][0]).strip("'").casefold()) in (Doing.ADD, Doing.REMOVE)
        and (code or d.least <= _width(rows[0]) <= d.most)
    ]


def _lists(
    sample: Callable[[str], Rows], whole: Rows, marks: list[str], code: str, manner: Manner
) -> list[Reading]:
    """Lists of people without a header that says so: formats 3, 4 and 5."""
    signs = any(tidy(row[0])[:1] in ("#", "!") for row in whole)
    plain = [row for row in whole if not tidy(row[0]).startswith("#")]
    alone = all(_width(row) <= 1 and not any(mark in row[0] for mark in SEPARATORS) for row in plain)
    if code == "5" or (not code and alone and (signs or all("@" in row[0] for row in plain))):
        return [Reading(people.BulkEnrol(manner), NO_SEPARATOR)]
    found = []
    for mark in _dividing(sample, marks):
        rows = sample(mark)
        # a heading may be of any width; what tells is how the rows below it are made
        if code or all(_width(row) <= 2 for row in rows):
            found += [
                Reading(d, mark)
                for d in (people.MassEnrol(_heading(rows[0]), manner), people.UserEnrols(rows[0], manner))
                if code in ("", d.code)
            ]
    return found


def _dividing(sample: Callable[[str], Rows], marks: list[str]) -> list[str]:
    """The separators that may be meant: the one that stands in each row, if it is the only one that does."""
    if not marks:
        return [NO_SEPARATOR]
    always = [mark for mark in marks if all(len(row) > 1 for row in sample(mark))]
    return always if len(always) == 1 else marks


def _heading(row: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(tidy, row)) if any(map(tidy, row)) else ("",)


def _width(row: Sequence[str]) -> int:
    return max((i + 1 for i, cell in enumerate(row) if tidy(cell)), default=0)


def _unknown(rows: Rows, code: str, wants: frozenset[Wants], manner: Manner) -> BatchfileError:
    """No dialect fits: what stands there, and what would have been understood."""
    other = "" if code else _other(rows, manner)
    seen = f"{manner.where}: its first row is {quoted(rows[0])}"
    if other:
        return BatchfileError(f"{seen}: {other}")
    if manner.columns:
        return BatchfileError(
            f"{seen}: not all of {', '.join(map(repr, manner.columns.values()))} stand there, "
            "or they are not enough to tell what is meant"
        )
    if code:
        return BatchfileError(f"{seen}: that is not how format {code} begins")
    known = next(_COLUMNS[kind] for kind in Wants if kind in wants)
    return BatchfileError(
        f"{seen}: no known format",
        todo=f"Give it a header ({', '.join(known)}), or name its columns (`--column {known[0]}=NAME`).",
    )


def _other(rows: Rows, manner: Manner) -> str:
    """A format that another command would read."""
    for dialect in _first_row(rows, "", frozenset(Wants), manner):
        if dialect.code != "native":
            return _elsewhere(dialect.code, dialect.kinds)
    return ""
