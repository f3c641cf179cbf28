"""What one run came to, as plain data: the same for JSON, for the terminal and for the HTML report."""

from __future__ import annotations

from typing import Any

import msgspec

from greffe import __version__
from greffe.personal import Cell, FilePath, Person, Said


class CourseLine(msgspec.Struct, kw_only=True):
    """One method of one course, with changes."""

    id: int
    name: str
    method: str = "database"
    counts: dict[str, int]
    """Action → how many."""
    changed: list[str] = []
    """Columns of the method's row that are written, where it was there before."""
    held: bool = False
    """Whether a guard holds what people would lose there."""
    active: int = 0
    """Active holders of the roles concerned, before."""

    @property
    def size(self) -> int:
        """Changes in all."""
        return sum(self.counts.values())


class CohortLine(msgspec.Struct, kw_only=True):
    """One cohort with changes."""

    idnumber: str
    name: str
    counts: dict[str, int]
    """Action → how many."""
    changed: list[str] = []
    """Columns of its row that are written."""
    held: bool = False
    """Whether a guard holds what people would lose there."""
    members: int = 0
    """How many were in it before."""

    @property
    def size(self) -> int:
        """Changes in all."""
        return sum(self.counts.values())


class FeedLine(msgspec.Struct, kw_only=True):
    """What was seen of one feed."""

    name: str
    source: FilePath
    good: bool
    figures: dict[str, Any]
    """Every figure of ``FeedCounts`` by its name."""
    problems: list[Said] = []
    notes: list[Said] = []
    unknown_codes: dict[str, int] = {}
    """Code that is no course of the site → distinct combinations that lead to it."""
    ambiguous_codes: list[str] = []
    ambiguous_people: list[Person] = []
    """Texts that several Moodle accounts answer to."""
    unknown_roles: list[str] = []
    active: int = 0
    """Active role holders in the places that it answers for, before."""
    courses: int = 0
    """Courses that it answers for."""
    members: int = 0
    """Members of the cohorts that it answers for, before."""
    cohorts: int = 0
    """Cohorts that it answers for."""


class VerdictLine(msgspec.Struct, kw_only=True):
    """One limit of the guards that was reached."""

    level: str
    name: str
    kind: str
    value: int
    of: int
    limit: str


class WaitingLine(msgspec.Struct, kw_only=True):
    """Someone whom a feed names and who has no account yet."""

    person: Person
    feed: str
    line: int
    """The first source line that names him."""
    courses: list[str]
    cohorts: list[str] = []
    """Idnumbers."""


class RefusedLine(msgspec.Struct, kw_only=True):
    """Changes that were not made, and why."""

    course: str
    """The course, or ``cohort`` and its idnumber."""
    action: str
    """'': whatever there would be to do."""
    reason: Said
    people: list[Person]


class FileLine(msgspec.Struct, kw_only=True):
    """A line of somebody's file that cannot be done as it stands, and why."""

    line: int
    column: str = ""
    value: Cell = ""
    reason: Said


class HistoryLine(msgspec.Struct, kw_only=True):
    """Rows of one course's grade history that an undo leaves, as Moodle would, although the grades are back."""

    course: str
    rows: int
    people: list[Person]


class ChangeLine(msgspec.Struct, kw_only=True):
    """One change to one person (or to a method, a group or a cohort itself)."""

    course: str
    cohort: str = ""
    """The idnumber of the cohort, where it is no course."""
    action: str
    reason: str
    person: Person = ""
    role: str = ""
    group: str = ""
    feed: str = ""
    line: int = 0
    id: int = 0
    """In the journal; 0 in a plan."""
    undone: int = 0
    """The run that took it back."""


class Document(msgspec.Struct, kw_only=True):
    """One run, or one plan."""

    greffe: str = __version__
    kind: str
    """plan, nightly, apply, methods, rollover, batch, undo, release."""
    site: str = ""
    made: int = 0
    """Seconds since 1970, by the database's clock."""
    state: str = "planned"
    exit: int = 0
    run: int = 0
    undoes: int = 0
    digest: str = ""
    approved_by: Person = ""
    held: bool = False
    """Whether a guard holds the whole run."""
    planned: dict[str, int] = {}
    """Action → changes of the complete plan."""
    counts: dict[str, int] = {}
    """Action → changes made; of a plan: those that the guards let pass."""
    along: dict[str, int] = {}
    """Action → rows that a run took or gave along with its changes, beyond the plan: what hangs on an enrolment, a group's
    conversation. With ``counts`` they are all rows of the journal."""
    cohorts: list[CohortLine] = []
    courses: list[CourseLine] = []
    feeds: list[FeedLine] = []
    verdicts: list[VerdictLine] = []
    """Feeds first: they hold the whole run."""
    waiting: list[WaitingLine] = []
    refused: list[RefusedLine] = []
    file: FilePath = ""
    """The file whose lines were done."""
    read_as: str = ""
    """How it was read: format, separator, encoding."""
    lines: dict[str, int] = {}
    """Fate → how many lines of the file."""
    refused_lines: list[FileLine] = []
    stopped: bool = False
    """Whether nothing is done since some lines are refused."""
    history: list[HistoryLine] = []
    graded: int = 0
    """Leavers who keep a suspended enrolment, since they have grades that an unenrolment would delete."""
    notes: list[Said] = []
    """What a person should know although nothing is wrong."""
    season: str = ""
    """The calendar's window that is open: blackout, add-only."""
    until: str = ""
    """Its last day."""
    later: dict[str, int] = {}
    """Action → what it leaves for later."""
    part: bool = False
    """Whether it shows one course or person only; the guards judge the complete plan all the same."""
    changes: list[ChangeLine] = []
    """Only where a course or a person was asked for."""
    heading: str = ""
    story: str = ""
    command: str = ""
    """What a report on several runs says above this one; the command as it was typed."""
    report: FilePath = ""
    """Path of the HTML report, where one was written."""
    plan_file: FilePath = ""
    config_file: FilePath = ""
    """What `-c` names, for commands that are to be typed."""

    @property
    def done(self) -> int:
        """Changes made, or that would be."""
        return sum(self.counts.values())

    @property
    def bad_feeds(self) -> list[FeedLine]:
        """Feeds that cannot be trusted tonight."""
        return [f for f in self.feeds if not f.good]

    @property
    def held_cohorts(self) -> list[CohortLine]:
        """Cohorts whose losses are held."""
        return [c for c in self.cohorts if c.held]

    @property
    def holds_places(self) -> bool:
        """Whether the losses of some course or cohort are held."""
        return bool(self.held_courses or self.held_cohorts)

    @property
    def held_courses(self) -> list[CourseLine]:
        """Courses whose losses are held."""
        return [c for c in self.courses if c.held]
