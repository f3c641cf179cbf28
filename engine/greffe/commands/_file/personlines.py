"""What the lines of a file about people ask of each course: by what they say, and by what is said beside the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from greffe.commands._file.lines import Lines, Subject
from greffe.commands._file.resolving import Found, Names
from greffe.commands._named.lookup import course_id
from greffe.intake.lines import Doing, Line, PersonKey, PersonLine
from greffe.methods import byhand
from greffe.methods.byhand import Wanted
from greffe.moodle.catalogue import Catalogue
from greffe.rules.text import clean, holds

GROUP_NAME = 254
GROUPING_NAME = 255
"""Characters that Moodle's columns hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the command line says beside the file: for lines that do not say it themselves."""

    method: str = byhand.MANUAL
    course: str = ""
    """Shortname, idnumber or id; '': every line names its own."""
    role: str = ""
    group: str = ""
    grouping: str = ""
    start: int | None = None
    end: int | None = None
    """Seconds since 1970, 0: none."""
    remove: bool = False
    """Take people out instead."""
    replace: bool = False
    """The file is the whole list of each course that it names: nobody else stays enrolled by the method."""
    with_grades: bool = False
    """Whether grades may go with somebody's last enrolment; else he is suspended."""


class PersonLines:
    """What all lines ask of each course; lines that contradict each other are refused, all of them."""

    def __init__(self, catalogue: Catalogue, wishes: Wishes, lines: Lines) -> None:
        self.catalogue, self.wishes, self.lines = catalogue, wishes, lines
        self.names = Names(catalogue)
        self.wanted: dict[int, Wanted] = {}
        self._course = course_id(catalogue, wishes.course) if wishes.course else 0
        self._writings: dict[tuple[int, str], str] = {}
        """(course, name of a group or grouping as the database compares it) → as it was first written."""
        if wishes.replace and self._course:
            self.wanted[self._course] = Wanted(whole=True)

    def take(self, part: list[Line]) -> None:
        """Some hundred lines."""
        mine = [line for line in part if isinstance(line, PersonLine)]
        people = self.names.people({(line.person_key, line.person) for line in mine if line.person})
        for line in mine:
            self._take(line, people)

    def _take(self, line: PersonLine, people: Mapping[tuple[PersonKey, str], Found]) -> None:
        person = people.get((line.person_key, line.person), "it names nobody")
        course = self._course_of(line)
        removing = self.wishes.remove or line.doing is Doing.REMOVE
        text = line.role or ("" if removing else self.wishes.role)
        role = self.names.role(text) if text else 0
        for column, value, found in (
            ("person", line.person, person), ("course", line.course, course), ("role", text, role)
        ):  # fmt: skip
            if isinstance(found, str):
                self.lines.refuse(line.line, column, value, found)
                return
        assert isinstance(person, int)  # noqa: S101 - a text was refused above
        assert isinstance(course, int)  # noqa: S101
        assert isinstance(role, int)  # noqa: S101
        wanted = self.wanted.setdefault(course, Wanted(whole=self.wishes.replace))
        if removing:
            self._remove(line, wanted, course, person, role)
        else:
            self._add(line, wanted, course, person, role)

    def _course_of(self, line: PersonLine) -> Found:
        if not line.course:
            return self._course or "it names no course; name one with --course"
        found = self.names.course(line.course_key, line.course)
        if self._course and isinstance(found, int) and found != self._course:
            return "it is another course than --course names"
        return found

    def _remove(self, line: PersonLine, wanted: Wanted, course: int, person: int, role: int) -> None:
        differs = {
            "given": wanted.people.get(person, 0),
            "role": wanted.leaving.get(person, 0) if wanted.leaving_role.get(person, role) != role else 0,
        }
        if self._contradicts(line, (course, person), differs):
            return
        wanted.leaving.setdefault(person, line.line)
        wanted.leaving_role[person] = role
        self.lines.add(line.line, (course, person))

    def _add(self, line: PersonLine, wanted: Wanted, course: int, person: int, role: int) -> None:
        start = self.wishes.start if line.start is None else line.start
        end = self.wishes.end if line.end is None else line.end
        if start is not None and end is not None and 0 < end <= start:
            self.lines.refuse(line.line, "end", _day(end), "ends before it starts")
            return
        said: dict[str, tuple[Mapping[int, int], int | None]] = {
            "start": (wanted.start, start),
            "end": (wanted.end, end),
            "state": (wanted.suspended, line.suspended),
        }

        before = wanted.people.get(person, 0)
        differs = {w: before if at.get(person, v) != v else 0 for w, (at, v) in said.items() if v is not None}
        if self._contradicts(line, (course, person), {"given": wanted.leaving.get(person, 0)} | differs):
            return
        group, grouping = clean(line.group or self.wishes.group), clean(line.grouping or self.wishes.grouping)
        if why := _unfit(group, grouping):
            self.lines.refuse(line.line, "group", group or grouping, why)
            return
        wanted.people.setdefault(person, line.line)
        if start is not None:
            wanted.start[person] = start
        if end is not None:
            wanted.end[person] = end
        if line.suspended is not None:
            wanted.suspended[person] = line.suspended
        if role:
            wanted.roles.setdefault(role, {}).setdefault(person, line.line)
        if group:
            group = self._writing(course, group)
            wanted.groups.setdefault(group, {}).setdefault(person, line.line)
        if grouping:
            wanted.groupings.setdefault(self._writing(course, grouping), {}).setdefault(group, line.line)
        self.lines.add(line.line, (course, person))

    def _writing(self, course: int, name: str) -> str:
        return self._writings.setdefault((course, self.catalogue.same(name)), name)

    def _contradicts(self, line: PersonLine, subject: Subject, differs: Mapping[str, int]) -> bool:
        """Whether another line wants this person in this course otherwise. ``differs``: what this one says, and an
        earlier one that says it otherwise."""
        for what, earlier in differs.items():
            if other := self.lines.disagrees(line.line, what, subject, earlier):
                told = f"line {other} says otherwise of the same person in the same course"
                self.lines.refuse(line.line, "person", line.person, told)
                return True
        return False


def _day(when: int) -> str:
    """A moment as the machine's time zone has it."""
    return datetime.fromtimestamp(when, UTC).astimezone().isoformat(" ", "minutes")[:16]


def _unfit(group: str, grouping: str) -> str:
    """Why Moodle cannot have these names; '' where it can."""
    if not holds(GROUP_NAME, group):
        return f"a group's name has at most {GROUP_NAME} characters"
    if not holds(GROUPING_NAME, grouping):
        return f"a grouping's name has at most {GROUPING_NAME} characters"
    return "a grouping holds groups, and the line names none" if grouping and not group else ""
