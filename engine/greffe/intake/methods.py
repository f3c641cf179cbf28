"""Dialects whose lines are methods of courses that follow a cohort or a parent course."""

from __future__ import annotations

import re
from collections.abc import Iterator

from greffe.intake.cells import RefusedCellError, Row
from greffe.intake.dialect import Bare, Headed, Places, numbered
from greffe.intake.headers import Header, plain
from greffe.intake.lines import CourseKey, Doing, Line, MethodLine, RefusedLine
from greffe.intake.tally import Oddity
from greffe.intake.wants import Manner, Wants

COLUMNS = ("action", "method", "course", "cohort", "parent", "role", "group", "enabled")
"""Greffe's own words for the columns of methods."""
_METHODS = frozenset({Wants.METHODS})
_KINDS = {"cohort": "cohort", "cohorte": "cohort", "meta": "meta", "meta_cours": "meta", "metacourse": "meta"}


def kind(row: Row, index: int) -> str:
    """``cohort`` or ``meta``."""
    found = _KINDS.get(plain(row.text(index)))
    if not found:
        raise RefusedCellError(index, "is neither cohort nor meta: other methods follow nobody")
    return found


class NativeMethods(Headed):
    """Greffe's own columns, as ``greffe methods export`` writes them."""

    code = "native"
    title = "methods"
    kinds = _METHODS
    doings = frozenset(Doing)

    def __init__(self, header: Header, manner: Manner) -> None:
        super().__init__(header, manner)
        self._course, self._course_key = header.courses[0]
        at = {field: header.at(field) for field in COLUMNS if field != "course"}
        self._action, self._method, self._cohort, self._parent, self._role, self._group, self._enabled = (
            at.values()
        )
        self.mention_unread([self._course, *at.values()], COLUMNS)

    @classmethod
    def fits(cls, header: Header) -> bool:
        """A course, its method, and what that follows."""
        return (
            len(header.courses) == 1
            and header.at("method") >= 0
            and (header.at("cohort") >= 0 or header.at("parent") >= 0)
        )

    def matching(self) -> frozenset[int] | None:
        """All but group, action and state."""
        looked_up = (self._course, self._cohort, self._parent, self._role, self._method)
        return frozenset(i for i in looked_up if i >= 0)

    def read(self, row: Row) -> Iterator[Line | RefusedLine]:
        """One method; an empty group is none for one that is added, and says nothing in an update."""
        method = kind(row, self._method)
        follows, other = (self._cohort, self._parent) if method == "cohort" else (self._parent, self._cohort)
        source = row.key(follows)
        if not source:
            raise RefusedCellError(follows, "no cohort" if method == "cohort" else "no parent course")
        if row.text(other):
            raise RefusedCellError(other, f"is not for the method {method}")
        role = row.name(self._role) or None
        if role and method == "meta":
            row.tally.add(Oddity.META_ROLE, row.line, role)
            role = None
        doing = self.doing(row, self._action, Doing.ADD)
        yield MethodLine(
            row.line,
            doing,
            method,
            row.needed(self._course, "course"),
            source,
            self._course_key,
            CourseKey.ANY,
            role,
            row.name(self._group) or ("" if doing is Doing.ADD and self._group >= 0 else None),
            row.flag(self._enabled),
        )


class UploadMethods(Headed):
    """1: add, delete or update one method."""

    code = "1"
    title = "upload enrolment methods"
    kinds = _METHODS
    doings = frozenset(Doing)
    _NEEDS = ("operation", "method", "shortname", "metacohort", "disabled")

    def __init__(self, header: Header, manner: Manner) -> None:
        super().__init__(header, manner)
        at = [header.exact.get(word, -1) for word in (*self._NEEDS, "group", "role")]
        self._operation, self._method, self._course, self._source, self._disabled, self._group, self._role = (
            at
        )
        self.mention_unread(at, (*self._NEEDS, "group", "role"))

    @classmethod
    def fits(cls, header: Header) -> bool:
        """Its first five columns, in any order."""
        return header.exact.keys() >= set(cls._NEEDS)

    def matching(self) -> frozenset[int] | None:
        """All but group, operation and state."""
        return frozenset(i for i in (self._method, self._course, self._source, self._role) if i >= 0)

    def read(self, row: Row) -> Iterator[Line | RefusedLine]:
        """One method. An update says nothing of an empty group or role; what is added has none, and students."""
        doing, method = self.doing(row, self._operation), kind(row, self._method)
        adds = doing is Doing.ADD
        group, role = row.name(self._group), row.name(self._role)
        if role and method == "meta":
            row.tally.add(Oddity.META_ROLE, row.line, role)
        yield MethodLine(
            row.line,
            doing,
            method,
            row.needed(self._course, "course"),
            row.needed(self._source, "cohort" if method == "cohort" else "parent course"),
            role=(role or ("student" if adds and self._role >= 0 else None)) if method == "cohort" else None,
            group=group or ("" if adds and self._group >= 0 else None),
            enabled=not row.flag(self._disabled),
        )


class UploadCourse(Headed):
    """2: courses with numbered columns of methods; nothing is done to the courses."""

    code = "2"
    title = "upload courses"
    kinds = _METHODS
    _PART = re.compile(r"enrolment_(?P<number>\d{1,4})(?:_(?P<word>\w+))?")
    _DATES = ("startdate", "enddate", "enrolperiod")

    def __init__(self, header: Header, manner: Manner) -> None:
        super().__init__(header, manner)
        self._course = header.exact["shortname"]
        self._parts = numbered(header, self._PART)
        used = [self._course, *(i for part in self._parts for i in part.values())]
        self.mention_unread(used, [])

    @classmethod
    def fits(cls, header: Header) -> bool:
        """A course and its first method."""
        return "shortname" in header.exact and any(re.fullmatch(r"enrolment_\d+", w) for w in header.exact)

    def matching(self) -> frozenset[int] | None:
        """Courses, cohorts, roles."""
        looked_up = ("", "cohortidnumber", "metacoursename", "role")
        return frozenset({self._course, *(p[w] for p in self._parts for w in looked_up if w in p)})

    def read(self, row: Row) -> Iterator[Line | RefusedLine]:
        """One course, each of its methods by itself."""
        course = row.needed(self._course, "course")
        asked = False
        for part in self._parts:
            for said in self.attempt(row, self._part(row, course, part)):
                asked = True
                yield said
        if not asked:
            row.tally.add(Oddity.NOTHING, row.line, course)

    def _part(self, row: Row, course: str, part: Places) -> Iterator[Line]:
        if not row.text(part[""]):
            for i in part.values():
                if row.text(i) not in ("", "0"):
                    raise RefusedCellError(i, "belongs to no method")
            return
        method = kind(row, part[""])
        column, what = (
            ("cohortidnumber", "cohort") if method == "cohort" else ("metacoursename", "parent course")
        )
        source = row.key(part[column])
        if not source:
            raise RefusedCellError(part[column] if part[column] >= 0 else part[""], f"no {what} ({column})")
        for word in self._DATES:
            if row.text(part[word]) not in ("", "0"):
                row.tally.add(Oddity.DATES, row.line, row.text(part[word]))
        role = row.name(part["role"]) or None
        if role and method == "meta":
            row.tally.add(Oddity.META_ROLE, row.line, role)
            role = None
        yield MethodLine(
            row.line,
            Doing.REMOVE if row.flag(part["delete"]) else Doing.ADD,
            method,
            course,
            source,
            role=role,
            group=self._group(row, part["addtogroup"], part["groupname"]),
            enabled=not row.flag(part["disable"]) if part["disable"] >= 0 else None,
        )

    def _group(self, row: Row, add: int, name: int) -> str | None:
        group, wanted = row.name(name), row.flag(add)
        if wanted:
            raise RefusedCellError(
                add, "asks for a new group named after the source: write its name in groupname"
            )
        if group and wanted is False:
            raise RefusedCellError(name, "names a group, although addtogroup wants none")
        return group if name >= 0 or wanted is False else None


class MetaLink(Bare):
    """10: add or delete the link from a child course to its parent."""

    code = "10"
    title = "meta links"
    kinds = _METHODS
    least = most = 3

    def read(self, row: Row) -> Iterator[Line | RefusedLine]:
        """One link."""
        doing, parent = self.doing(row, 0), row.needed(1, "parent course")
        child = row.needed(2, "child course")
        yield MethodLine(row.line, doing, "meta", child, parent, CourseKey.IDNUMBER, CourseKey.IDNUMBER)
