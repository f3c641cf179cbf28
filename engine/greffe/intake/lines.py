"""What the lines of people's files say, whatever dialect they were written in.

Every dialect ends in one of four kinds of line. Texts are trimmed and otherwise as delivered; '' means that the file says
nothing of it. Keys are looked up by whoever knows the site; here they are only text, with the column it must match.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Doing(StrEnum):
    """What a line asks for."""

    ADD = "add"
    """People: enrolled (active, unless ``suspended``). Methods and cohorts: made, or brought to what the line says."""
    REMOVE = "remove"
    """Taken out of this method, this cohort; a method or cohort is deleted."""
    UPDATE = "update"
    """A method that is there gets what the line says; refused where there is none."""


class PersonKey(StrEnum):
    """The field of a Moodle account that a person's text must match."""

    IDNUMBER = "idnumber"
    USERNAME = "username"
    EMAIL = "email"
    ANY = "any"
    """Whichever of the three knows the text; refused where two of them know different people."""


class CourseKey(StrEnum):
    """The field of a course that a line's text must match."""

    SHORTNAME = "shortname"
    IDNUMBER = "idnumber"
    ANY = "any"
    """Either; refused where they are different courses."""


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person in a course, or out of it."""

    line: int
    person: str
    person_key: PersonKey = PersonKey.ANY
    course: str = ""
    """'': the course that the command names."""
    course_key: CourseKey = CourseKey.ANY
    doing: Doing = Doing.ADD
    role: str = ""
    """Shortname; '': the method's own default role."""
    group: str = ""
    grouping: str = ""
    start: int | None = None
    """Seconds since 1970, 0 for none; None: the file does not say, and what is there stays."""
    end: int | None = None
    suspended: bool | None = None
    """None: the file does not say."""


@dataclass(frozen=True, slots=True)
class MethodLine:
    """A method of a course that follows a cohort or a parent course."""

    line: int
    doing: Doing
    method: str
    """``cohort`` or ``meta``."""
    course: str
    """The course that has the method (of ``meta``: the child, which takes the parent's people)."""
    source: str
    """Idnumber of the cohort, or key of the parent course."""
    course_key: CourseKey = CourseKey.SHORTNAME
    source_key: CourseKey = CourseKey.SHORTNAME
    """Of ``meta`` only."""
    role: str | None = None
    """Shortname, of ``cohort`` only; None: the file does not say (a new one gets student, another keeps its own)."""
    group: str | None = None
    """Name of the course's group, made when missing; '' none; None: the file does not say."""
    enabled: bool | None = None
    """None: the file does not say (a new one is enabled, another stays as it is)."""


@dataclass(frozen=True, slots=True)
class CohortLine:
    """A cohort itself."""

    line: int
    idnumber: str
    name: str
    description: str | None = None
    context: str = ""
    """'' or ``system``: the whole site; else as the file writes the category."""
    context_kind: str = ""
    """``id``, ``idnumber``, ``path`` or ``name`` of the category; '' for the whole site."""
    visible: bool | None = None


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A person in a cohort, or out of it."""

    line: int
    doing: Doing
    cohort: str
    """Its idnumber."""
    person: str
    person_key: PersonKey = PersonKey.ANY


Line = PersonLine | MethodLine | CohortLine | MemberLine


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that cannot be done as it stands."""

    line: int
    column: str
    """The header's name of the column, or its number; '' where it is the line as a whole."""
    value: str
    why: str
    cells: tuple[str, ...] = ()
    """The whole line, so that it can be corrected and fed again."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Two readings are possible, and the difference matters: asked, never decided."""

    option: str
    """The command's option that settles it: ``--format``, ``--separator``, ``--encoding``, ``--person-key``."""
    question: str
    choices: tuple[str, ...]


class Batchfile(Protocol):
    """A file that was opened and recognised.

    ``lines`` may be walked more than once, in constant memory; the file is read anew each time.
    """

    @property
    def source(self) -> str:
        """Its path."""

    @property
    def told(self) -> str:
        """How it was read, in one line: ``read as format 3 (mass enrol), ';', Windows-1252``."""

    @property
    def header(self) -> tuple[str, ...]:
        """Column names; () where the format has none."""

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """What must be answered before the file may be walked."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader found odd though not wrong; complete once the lines were walked."""

    def lines(self) -> Iterator[Line | RefusedLine]:
        """In the file's order; a format whose line says several things gives several in a row with the same number."""

    def rows(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """(line, cells as delivered) in the file's order, without its header: for the file of refused lines."""
