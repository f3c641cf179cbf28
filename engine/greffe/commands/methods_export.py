"""Today's cohort-sync methods and meta links of a selection of courses as a file: edited in a spreadsheet, it is put back by
``greffe methods FILE``; unedited, that plans nothing."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from greffe.commands._file.resolving import Names
from greffe.commands._following.plan import METHODS
from greffe.commands._named.selection import selected
from greffe.commands._session import Session, open_site
from greffe.config import Config
from greffe.errors import ArgumentError
from greffe.intake.cells import tidy
from greffe.intake.lines import CourseKey
from greffe.intake.methods import COLUMNS
from greffe.intake.spreadsheet import ENCODING, safe
from greffe.methods import cohort
from greffe.moodle.cohorts import CohortReader
from greffe.moodle.instances import InstanceReader

_TOGETHER = 500
"""Courses that are read at once: what is in memory does not grow with the site's methods."""
_WORKBOOKS = (".xlsx", ".xls", ".ods")
_NO_COHORT = "follow a cohort that is gone, or whose idnumber is empty or shared"
_NO_COURSE = "stand in, or follow, a course that neither its shortname nor its idnumber tells from others"


@dataclass(slots=True)
class Exported:
    """What was written."""

    methods: int = 0
    courses: int = 0
    """Courses that were looked at."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Why → how many methods no line can name."""
    file: str = ""
    """'': the standard output."""

    @property
    def told(self) -> list[str]:
        """What a person should know of it."""
        where = f"are in {self.file}" if self.file else "were written"
        left = [
            f"{number:,} methods are not in the file: they {why}." for why, number in self.left_out.items()
        ]
        return [f"{self.methods:,} methods of {self.courses:,} courses {where}.", *left]


def export_methods(
    config: Config,
    *,
    courses: Sequence[str] = (),
    category: str | None = None,
    everything: bool = False,
    out: Path | None = None,
    to: TextIO | None = None,
) -> Exported:
    """Write the methods of these courses (shortname, idnumber or id), of a category with all below it, or of all courses.

    ``out``: the file, with `;` and a byte order mark, as spreadsheets open it at a double click; ``to``: an open stream instead.
    Raises ArgumentError where not exactly one selection is given, and where the file cannot be written.
    """
    if sum((bool(courses), category is not None, everything)) != 1:
        raise ArgumentError(
            "say which courses: --course, --category or --all", todo="greffe methods export --all"
        )
    if out is not None and out.suffix.lower() in _WORKBOOKS:
        raise ArgumentError(
            f"{out}: methods are written as CSV, which spreadsheets open too", todo="Give --out methods.csv."
        )
    with open_site(config) as session:
        chosen = _chosen(session, courses, category)
        found = Exported(courses=len(chosen), file=str(out or ""))
        with _opened(out) if out is not None else nullcontext(to) as stream:
            if stream is None:
                raise ArgumentError("nowhere to write to", todo="Name a file with --out.")
            writer = csv.writer(stream, delimiter=";")
            writer.writerow(COLUMNS)
            for row in _rows(session, chosen, found):
                writer.writerow([safe(text) for text in row])
                found.methods += 1
        return found


@contextmanager
def _opened(out: Path) -> Iterator[TextIO]:
    try:
        with out.open("w", encoding=ENCODING, newline="") as stream:
            yield stream
    except OSError as e:
        raise ArgumentError(
            f"{out}: cannot be written: {e.strerror}", todo="Name another file with --out."
        ) from e


def _chosen(session: Session, courses: Sequence[str], category: str | None) -> list[int]:
    """The courses that are meant, as people find them: by shortname."""
    catalogue = session.catalogue
    chosen: Iterable[int] = catalogue.courses
    if courses or category is not None:
        chosen = selected(session, courses, [category] if category is not None else [])
    return sorted(chosen, key=lambda c: (catalogue.courses[c].name, c))


def _rows(session: Session, courses: Sequence[int], found: Exported) -> Iterator[tuple[str, ...]]:
    texts = _Texts(session)
    for start in range(0, len(courses), _TOGETHER):
        part = courses[start : start + _TOGETHER]
        of_course: dict[int, list[tuple[Any, ...]]] = {c: [] for c in part}
        for row in session.db.query("links_of_courses", courses=sorted(part), methods=list(METHODS)):
            of_course[int(row[2])].append(row)
        texts.read([row for rows in of_course.values() for row in rows])
        for rows in of_course.values():
            for row in rows:
                line = texts.line(row)
                if isinstance(line, str):
                    found.left_out[line] += 1
                else:
                    yield line


class _Texts:
    """The words of methods: what a line must say so that exactly this one is found again."""

    def __init__(self, session: Session) -> None:
        self._reader = InstanceReader(session.db, session.catalogue)
        self._session, self._names = session, Names(session.catalogue)
        self._roles = {i: name for name, i in session.catalogue.course_roles.items()}
        by_idnumber, _ = session.catalogue.courses_by("idnumber")
        self._idnumbers = {course: text for text, course in by_idnumber.items()}
        self._known: dict[int, str] = {}
        self._cohorts: dict[int, str] = {}
        self._groups: dict[int, str] = {}
        self._homes: dict[int, int] = {}

    def read(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """What some methods need."""
        self._cohorts = self._named_cohorts({int(r[4] or 0) for r in rows if r[1] == cohort.METHOD})
        groups = self._reader.groups({int(r[5]) for r in rows if r[5]})
        self._groups = {g: name for g, (_, name) in groups.items()}
        self._homes = {g: course for g, (course, _) in groups.items()}

    def line(self, row: tuple[Any, ...]) -> tuple[str, ...] | str:
        """The cells of a method, or why no line can name it."""
        _, method, course, status, source, group, role = row
        at = self._course(int(course))
        of_cohort = method == cohort.METHOD
        follows = self._cohorts.get(int(source or 0), "") if of_cohort else self._course(int(source or 0))
        if not follows and of_cohort:
            return _NO_COHORT
        if not (at and follows):
            return _NO_COURSE
        mine = self._homes.get(int(group or 0)) == int(course)
        cells = {
            "action": "add",
            "method": str(method),
            "course": at,
            "cohort" if of_cohort else "parent": follows,
            "role": self._roles.get(int(role or 0), "") if of_cohort else "",
            "group": self._groups[int(group)] if mine else "",
            "enabled": "no" if status else "yes",
        }
        return tuple(cells.get(column, "") for column in COLUMNS)

    def _course(self, course: int) -> str:
        """A text by which the course is found again; '': none is."""
        if course not in self._known:
            known = self._session.catalogue.courses.get(course)
            texts = [known.name, self._idnumbers.get(course, "")] if known else []
            self._known[course] = next((t for t in texts if t and self._leads_to(t, course)), "")
        return self._known[course]

    def _leads_to(self, text: str, course: int) -> bool:
        return self._names.course(CourseKey.ANY, tidy(safe(text))) == course

    def _named_cohorts(self, ids: set[int]) -> dict[int, str]:
        """Cohort → its idnumber, of those that it leads to."""
        reader = CohortReader(self._session.db)
        rows = reader.by_id(ids)
        same: Callable[[str], str] = self._session.catalogue.same
        shared = Counter(
            same(text) for _, text in reader.alike({r.idnumber for r in rows.values() if r.idnumber})
        )
        return {
            i: row.idnumber
            for i, row in rows.items()
            if row.idnumber and shared[same(row.idnumber)] == 1 and tidy(safe(row.idnumber)) == row.idnumber
        }
