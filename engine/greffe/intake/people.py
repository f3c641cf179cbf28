"""Dialects whose lines are people in courses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from greffe.errors import BatchfileError
from greffe.intake.cells import RefusedCellError, Row, address, tidy
from greffe.intake.dialect import Bare, Dialect, Headed, Places, numbered
from greffe.intake.headers import REASON, Header, listed, plain
from greffe.intake.lines import CourseKey, Doing, Doubt, Line, MemberLine, PersonKey, PersonLine, RefusedLine
from greffe.intake.moments import days, moment
from greffe.intake.tally import Oddity
from greffe.intake.wants import Manner, Wants

COLUMNS = ("person", "course", "role", "group", "grouping", "start", "end", "action", "suspended")
"""Greffe's own words for the columns of people."""
_ONE = frozenset({Wants.ONE_COURSE})
_MANY = frozenset({Wants.PEOPLE})


def in_order(start: int | None, end: int | None, index: int) -> None:
    """Refuse an end before its start; ``index``: the column of the end."""
    if start and end and start > end:
        raise RefusedCellError(index, "ends before it starts")


class NativePeople(Headed):
    """Greffe's own columns, and those that the caller names."""

    code = "native"
    title = "people"
    kinds = _MANY
    names_courses = True
    """Whether a line without a course leads nowhere."""

    def __init__(self, header: Header, manner: Manner) -> None:
        super().__init__(header, manner)
        self._person, self._person_key = self.person()
        if len(header.courses) > 1:
            names = [header.names[i] for i, _ in header.courses]
            raise BatchfileError(
                f"{manner.where}: the columns {listed(names)} could all say which course is meant",
                todo="Say which one: `--column course=NAME`.",
            )
        self._course, self._course_key = header.courses[0] if header.courses else (-1, CourseKey.ANY)
        at = {field: header.at(field) for field in COLUMNS[2:]}
        self._role, self._group, self._grouping, self._start, self._end, self._action, self._suspended = (
            at.values()
        )
        # a second column of people is no misspelling; which of them is read, is said in the doubt
        self.mention_unread(
            [self._person, self._course, *at.values(), *(i for i, _ in header.people)], COLUMNS
        )

    @classmethod
    def fits(cls, header: Header) -> bool:
        """People, and the courses if the command does not say them."""
        return bool(header.people) and (bool(header.courses) or not cls.names_courses)

    def matching(self) -> frozenset[int] | None:
        """People, courses, roles."""
        return frozenset(i for i in (self._person, self._course, self._role) if i >= 0)

    def read(self, row: Row) -> Iterator[Line | RefusedLine]:
        """One person."""
        zone = self.manner.zone
        course = row.needed(self._course, "course") if self.names_courses else row.key(self._course)
        start, end = moment(row, self._start, zone), moment(row, self._end, zone)
        in_order(start, end, self._end)
        yield PersonLine(
            row.line,
            row.person(self._person),
            self._person_key,
            course,
            self._course_key,
            self.doing(row, self._action, Doing.ADD),
            row.name(self._role),
            row.name(self._group),
            row.name(self._grouping),
            start,
            end,
            row.flag(self._suspended),
        )


class OneCourseNative(NativePeople):
    """The same, where the command names the course."""

    kinds = _ONE
    names_courses = False


class NamedMassEnrol(OneCourseNative):
    """3: with a heading that says what it should, so that it is believed."""

    code = "3"
    title = "mass enrol"

    @classmethod
    def fits(cls, header: Header) -> bool:
        """A person, then perhaps a group."""
        alone = [i for i, _ in header.people] == [0] and len(header.names) <= 2
        return alone and (len(header.names) == 1 or header.at("group") == 1)


class MassEnrol(Dialect):
    """3: the first line is a heading; a person, and perhaps a group."""

    code = "3"
    title = "mass enrol"
    kinds = _ONE
    heading = True

    def __init__(self, names: Sequence[str], manner: Manner) -> None:
        kept = tuple(names)
        while kept and not kept[-1]:
            kept = kept[:-1]
        super().__init__(manner, kept if self.heading else ())
        self._key = manner.person_key or PersonKey.ANY

    def matching(self) -> frozenset[int] | None:
        """People."""
        return frozenset({0})

    def wrong_width(self, cells: Sequence[str]) -> str:
        """More than a person and a group."""
        if any(tidy(c) for c in cells[2:]):
            return f"has {len(cells)} cells; a person and a group are two"
        return ""

    def read(self, row: Row) -> Iterator[Line | RefusedLine]:
        """One person."""
        person = row.person(0)
        if person[0] in "#!":
            raise RefusedCellError(0, "is a line of format 5 (bulk enrol) in a file of another")
        yield PersonLine(row.line, person, self._key, group=row.name(1))


class UserEnrols(MassEnrol):
    """4: the same without a heading."""

    code = "4"
    title = "user enrols"
    heading = False


class BulkEnrol(Bare):
    """5: e-mail addresses under lines that open groups; an exclamation mark takes out."""

    code = "5"
    title = "bulk enrol"
    kinds = _ONE
    least = most = 1

    def __init__(self, manner: Manner) -> None:
        super().__init__(manner)
        self._group: str | None = ""

    def read(self, row: Row) -> Iterator[Line | RefusedLine]:
        """A person, or nothing where a group is opened."""
        text = row.text(0)
        if text.startswith("#"):
            self._group = None
            group = tidy(text[1:])
            if not group:
                raise RefusedCellError(0, "opens a group without a name")
            row.name(0)
            self._group = group
            return
        doing, person = (Doing.REMOVE, tidy(text[1:])) if text.startswith("!") else (Doing.ADD, row.key(0))
        person = address(person)
        key = self.manner.person_key or PersonKey.EMAIL
        if key is PersonKey.EMAIL and not _ADDRESS.fullmatch(person):
            raise RefusedCellError(0, "is not one e-mail address")
        if self._group is None:
            raise RefusedCellError(0, "stands under a group that was refused")
        yield PersonLine(row.line, person, key, doing=doing, group=self._group if doing is Doing.ADD else "")


_ADDRESS = re.compile(r"[^\s@;,|<>]+@[^\s@;,|<>]+")


class FlatFile(Bare):
    """6: operation, role, person, course, and perhaps start and end."""

    code = "6"
    title = "flat file"
    kinds = _MANY
    least, most = 4, 6

    def matching(self) -> frozenset[int] | None:
        """All but the times."""
        return frozenset(range(4))

    def read(self, row: Row) -> Iterator[Line | RefusedLine]:
        """One person."""
        row = _without_apostrophes(row)
        doing = self.doing(row, 0)
        role = row.name(1).lower()
        if not role:
            raise RefusedCellError(1, "no role")
        # seconds, says Moodle; a date that can be read one way only is taken, too
        zone = self.manner.zone
        start, end = moment(row, 4, zone, american=True), moment(row, 5, zone, american=True)
        in_order(start, end, 5)
        yield PersonLine(
            row.line,
            row.person(2),
            self.manner.person_key or PersonKey.IDNUMBER,
            row.needed(3, "course"),
            CourseKey.IDNUMBER,
            doing,
            role,
            start=start,
            end=end,
        )


def _without_apostrophes(row: Row) -> Row:
    """Moodle takes cells in apostrophes, if the first has them."""
    if not tidy(row.cells[0]).startswith("'"):
        return row
    return Row(row.line, [tidy(c).strip("'") for c in row.cells], row.names, row.tally)


class UploadUser(Headed):
    """7: accounts with numbered columns of courses and cohorts; nothing is done to the accounts."""

    code = "7"
    title = "upload users"
    kinds = _MANY | {Wants.MEMBERS}
    _PART = re.compile(
        r"(?P<word>course|role|type|group|enrolstatus|enroltimestart|enrolperiod|cohort)(?P<number>\d{1,4})"
    )
    _ROLES: ClassVar = {"1": "student", "2": "editingteacher", "3": "teacher"}

    def __init__(self, header: Header, manner: Manner) -> None:
        super().__init__(header, manner)
        at = {word: header.exact[word] for word in ("username", "idnumber", "email") if word in header.exact}
        wanted = manner.person_key
        if wanted and wanted.value in at:
            self._person, self._person_key = at[wanted.value], wanted
        elif "username" in at or len(at) == 1:
            word = "username" if "username" in at else next(iter(at))
            self._person, self._person_key = at[word], wanted or PersonKey(word)
        else:
            self.doubts.append(
                Doubt(
                    "--person-key",
                    "there is no username: are people matched by idnumber or email?",
                    tuple(at),
                )
            )
            self._person, self._person_key = next(iter(at.values())), PersonKey.ANY
        self._parts = numbered(header, self._PART)
        self._account = [header.exact[w] for w in ("deleted", "oldusername") if w in header.exact]
        used = [self._person, *(i for part in self._parts for i in part.values())]
        self.mention_unread(used, ())

    @classmethod
    def fits(cls, header: Header) -> bool:
        """Somebody, and a first course or cohort."""
        return bool({"username", "idnumber", "email"} & header.exact.keys()) and any(
            re.fullmatch(r"(course|cohort)\d+", word) for word in header.exact
        )

    def matching(self) -> frozenset[int] | None:
        """People, courses, cohorts, roles."""
        looked_up = ("course", "cohort", "role")
        return frozenset({self._person, *(p[w] for p in self._parts for w in looked_up if w in p)})

    def read(self, row: Row) -> Iterator[Line | RefusedLine]:
        """One person in each course and cohort."""
        for i in self._account:
            if row.text(i) not in ("", "0"):
                raise RefusedCellError(i, "asks for a change of the account, which Greffe never makes")
        person = row.person(self._person)
        asked = False
        for part in self._parts:
            for said in self.attempt(row, self._part(row, person, part)):
                asked = True
                yield said
        if not asked:
            row.tally.add(Oddity.NOTHING, row.line, person)

    def _part(self, row: Row, person: str, part: Places) -> Iterator[Line]:
        if cohort := row.key(part["cohort"]):
            if cohort.isdigit():
                raise RefusedCellError(
                    part["cohort"],
                    "is read by Moodle as a cohort's id, not its idnumber: use a file of members",
                )
            yield MemberLine(row.line, Doing.ADD, cohort, person, self._person_key)
        course = row.key(part["course"])
        if not course:
            for word, i in part.items():
                if word not in ("course", "cohort") and row.text(i):
                    raise RefusedCellError(i, "belongs to no course")
            return
        role, old = row.name(part["role"]), row.text(part["type"])
        if old and not role:
            row.tally.add(Oddity.TYPE, row.line, old)
            role = self._ROLES.get(old, "")
            if not role:
                raise RefusedCellError(part["type"], "is none of the types 1, 2 and 3")
        start = moment(row, part["enroltimestart"], self.manner.zone, american=True)
        period = days(row, part["enrolperiod"])
        if period and not start:
            row.tally.add(Oddity.SHORT_START, row.line)
            start = self.manner.today
        yield PersonLine(
            row.line,
            person,
            self._person_key,
            course,
            CourseKey.SHORTNAME,
            role=role,
            group=row.name(part["group"]),
            start=start,
            end=start + period if start and period else None,
            suspended=self._suspended(row, part["enrolstatus"]),
        )

    def _suspended(self, row: Row, index: int) -> bool | None:
        status = row.text(index)
        if status not in ("", "0", "1"):
            raise RefusedCellError(index, "is no status: 0 is active, 1 suspended")
        return status == "1" if status else None


class BulkClient(Headed):
    """11: username, course, group."""

    code = "11"
    title = "bulk client enrolment"
    kinds = _MANY
    _WORDS = ("username", "course_shortname", "groupname")

    def __init__(self, header: Header, manner: Manner) -> None:
        super().__init__(header, manner)
        self._person, self._course, self._group = (header.exact[w] for w in self._WORDS)
        self.mention_unread([self._person, self._course, self._group], self._WORDS)

    @classmethod
    def fits(cls, header: Header) -> bool:
        """Its three columns; one that says more is Greffe's own."""
        return set(cls._WORDS) == header.exact.keys() - {plain(REASON)}

    def matching(self) -> frozenset[int] | None:
        """People and courses."""
        return frozenset({self._person, self._course})

    def read(self, row: Row) -> Iterator[Line | RefusedLine]:
        """One person."""
        yield PersonLine(
            row.line,
            row.person(self._person),
            self.manner.person_key or PersonKey.USERNAME,
            row.needed(self._course, "course"),
            CourseKey.SHORTNAME,
            group=row.name(self._group),
        )
