"""Dialects whose lines are cohorts, or people in cohorts."""

from __future__ import annotations

from collections.abc import Iterator

from greffe.intake.cells import RefusedCellError, Row
from greffe.intake.dialect import Bare, Headed
from greffe.intake.headers import Header
from greffe.intake.lines import CohortLine, Doing, Line, MemberLine, PersonKey, RefusedLine
from greffe.intake.wants import Manner, Wants

COLUMNS = ("cohort", "name", "description", "category", "context", "visible")
"""Greffe's own words for the columns of cohorts."""
MEMBER_COLUMNS = ("action", "cohort", "person")
_COHORTS = frozenset({Wants.COHORTS})
_MEMBERS = frozenset({Wants.MEMBERS})
_SITE = frozenset({"system", "core system", "système", "systeme", "site"})


class UploadCohorts(Headed):
    """8: cohorts with their names and places."""

    code = "8"
    title = "upload cohorts"
    kinds = _COHORTS
    _PLACES = ("category_path", "category_id", "category_idnumber")

    def __init__(self, header: Header, manner: Manner) -> None:
        super().__init__(header, manner)
        self._idnumber = self._place_of_idnumber(header)
        self._name, self._description, self._visible = map(header.at, ("name", "description", "visible"))
        self._context, self._category = header.at("context"), header.at("category")
        self._places = [(word.removeprefix("category_"), header.exact.get(word, -1)) for word in self._PLACES]
        self._contextid = header.exact.get("contextid", -1)
        used = [self._idnumber, self._name, self._description, self._visible, self._context, self._category]
        self.mention_unread([*used, *(i for _, i in self._places), self._contextid], COLUMNS)

    @classmethod
    def _place_of_idnumber(cls, header: Header) -> int:
        return header.exact.get("idnumber", -1)

    @classmethod
    def fits(cls, header: Header) -> bool:
        """What tells one cohort from another, and its name."""
        return cls._place_of_idnumber(header) >= 0 and header.at("name") >= 0

    def matching(self) -> frozenset[int] | None:
        """Idnumber and place."""
        places = (i for _, i in self._places)
        return frozenset(i for i in (self._idnumber, self._context, self._category, *places) if i >= 0)

    def read(self, row: Row) -> Iterator[Line | RefusedLine]:
        """One cohort."""
        idnumber = row.needed(self._idnumber, "idnumber: without it, nothing would know the cohort again")
        name = row.name(self._name)
        if not name:
            raise RefusedCellError(self._name, "no name")
        context, kind = self._place(row)
        yield CohortLine(
            row.line,
            idnumber,
            name,
            row.prose(self._description) or None,
            context,
            kind,
            row.flag(self._visible),
        )

    def _place(self, row: Row) -> tuple[str, str]:
        """(as the file writes it, which of the category's fields that is); of several, the one that Moodle takes."""
        if row.text(self._contextid):
            raise RefusedCellError(
                self._contextid, "is a context's id, which no other site shares: name the category"
            )
        context = row.key(self._context)
        if context.casefold() in _SITE:
            return "", ""
        for kind, index in self._places:
            if text := row.key(index):
                return text, kind
        # one of them at most, as Moodle has it: a context that is not the site is a category
        text = context or row.key(self._category)
        if not text:
            return "", ""
        return text, "id" if text.isascii() and text.isdigit() else "name"


class NativeCohorts(UploadCohorts):
    """The same with Greffe's own word for the idnumber."""

    code = "native"
    title = "cohorts"

    @classmethod
    def fits(cls, header: Header) -> bool:
        """Whoever names people, too, means their names."""
        return super().fits(header) and not header.people

    @classmethod
    def _place_of_idnumber(cls, header: Header) -> int:
        return header.at("cohort")


class CohortSync(Bare):
    """9: add or delete a member."""

    code = "9"
    title = "cohort sync members"
    kinds = _MEMBERS
    least = most = 3

    def read(self, row: Row) -> Iterator[Line | RefusedLine]:
        """One member."""
        doing, cohort = self.doing(row, 0), row.needed(1, "cohort")
        yield MemberLine(row.line, doing, cohort, row.person(2), self.manner.person_key or PersonKey.ANY)


class NativeMembers(Headed):
    """Greffe's own columns of members."""

    code = "native"
    title = "members of cohorts"
    kinds = _MEMBERS

    def __init__(self, header: Header, manner: Manner) -> None:
        super().__init__(header, manner)
        self._person, self._person_key = self.person()
        self._action, self._cohort = header.at("action"), header.at("cohort")
        self.mention_unread([self._action, self._cohort, *(i for i, _ in header.people)], MEMBER_COLUMNS)

    @classmethod
    def fits(cls, header: Header) -> bool:
        """People and cohorts."""
        return bool(header.people) and header.at("cohort") >= 0

    def matching(self) -> frozenset[int] | None:
        """People and cohorts."""
        return frozenset({self._person, self._cohort})

    def read(self, row: Row) -> Iterator[Line | RefusedLine]:
        """One member."""
        yield MemberLine(
            row.line,
            self.doing(row, self._action, Doing.ADD),
            row.needed(self._cohort, "cohort"),
            row.person(self._person),
            self._person_key,
        )
