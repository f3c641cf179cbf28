"""What the lines of a file about cohorts and their members mean on this site, and what changes by them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from greffe.apply.owned import OwnCohort
from greffe.commands._file.lines import Lines, Subject
from greffe.commands._file.resolving import Found, Names
from greffe.commands._named.categories import Categories
from greffe.intake.lines import CohortLine, Doing, Line, MemberLine
from greffe.methods.members import CohortRow
from greffe.methods.scope import count_ids, parse_ids
from greffe.model import Action, Batch, Reason
from greffe.moodle.catalogue import Catalogue
from greffe.moodle.cohorts import CohortReader
from greffe.moodle.database import Database
from greffe.moodle.owntables import PLUGIN
from greffe.plan.cohorts import CohortPlan
from greffe.rules.text import brief, holds

_NAME, _IDNUMBER = 254, 100
"""Characters of a cohort's name and idnumber (moodle-writes §10)."""
_GREFFES = "the cohort is Greffe's, and the next night would turn it back: change the [[cohort]] rule of {}, or `greffe release` it"
_TWICE = "lines {} and {} want the same {} differently"


@dataclass(slots=True)
class _Wanted:
    """What a file says of one cohort."""

    number: int
    """What its lines call it."""
    idnumber: str
    """As the first line writes it."""
    itself: CohortLine | None = None
    context: int | None = None
    """Where it is to be; None: where it is, and a new one belongs to the whole site."""
    people: dict[int, tuple[bool, int]] = field(default_factory=dict)
    """Person → (whether he is to be in it, the first line that says so)."""


@dataclass(slots=True)
class CohortFile:
    """Takes lines, then says what changes. Reads only."""

    db: Database
    catalogue: Catalogue
    owned: Mapping[int, OwnCohort]
    """Cohorts of Greffe's."""
    lines: Lines
    feed: int = 0
    """The number of the file among the plan's feeds."""
    members: int = 0
    """People in the cohorts that the file names, before."""
    cohorts: int = 0
    """How many of these cohorts there are."""
    _wanted: dict[str, _Wanted] = field(default_factory=dict)
    _torn: dict[Subject, str] = field(default_factory=dict)
    """What lines want differently, and how that is said."""
    _names: Names = field(init=False)
    _categories: Categories = field(init=False)

    def __post_init__(self) -> None:
        self._names = Names(self.catalogue)
        self._categories = Categories(self.db)

    # -- reading -------------------------------------------------------------------------------------------
    def take(self, part: Sequence[Line]) -> None:
        """Add these lines."""
        members = [one for one in part if isinstance(one, MemberLine)]
        known = self._names.people({(one.person_key, one.person) for one in members}) if members else {}
        for one in part:
            if isinstance(one, CohortLine):
                self._cohort(one)
            elif isinstance(one, MemberLine):
                self._member(one, known[one.person_key, one.person])

    def _of(self, idnumber: str) -> _Wanted:
        key = self.catalogue.same(idnumber)
        if key not in self._wanted:
            self._wanted[key] = _Wanted(len(self._wanted) + 1, idnumber)
        return self._wanted[key]

    def _cohort(self, one: CohortLine) -> None:
        for column, text, longest in (("name", one.name, _NAME), ("idnumber", one.idnumber, _IDNUMBER)):
            if not text or not holds(longest, text):
                why = f"a cohort's {column} has 1 to {longest} characters"
                self.lines.refuse(one.line, column, brief(text), why)
                return
        context = self._context(one) if one.context else None
        if isinstance(context, str):
            self.lines.refuse(one.line, "context", one.context, context)
            return
        wanted = self._of(one.idnumber)
        before = wanted.itself
        self.lines.add(one.line, (wanted.number, 0))
        if before is not None and (_said(before), wanted.context) != (_said(one), context):
            self._torn[wanted.number, 0] = _TWICE.format(before.line, one.line, "cohort")
        elif before is None:
            wanted.itself, wanted.context, wanted.idnumber = one, context, one.idnumber

    def _context(self, one: CohortLine) -> Found:
        if not one.context_kind or one.context.casefold() == "system":
            return self.catalogue.system
        found = self._categories.find(one.context, one.context_kind)
        return found if isinstance(found, str) else found.context

    def _member(self, one: MemberLine, found: Found) -> None:
        if isinstance(found, str):
            self.lines.refuse(one.line, "person", one.person, found)
            return
        wanted, stays = self._of(one.cohort), one.doing is not Doing.REMOVE
        before, line = wanted.people.setdefault(found, (stays, one.line))
        self.lines.add(one.line, (wanted.number, found))
        if before != stays:
            told = _TWICE.format(line, one.line, "person in the same cohort")
            self._torn[wanted.number, found] = told

    def place(self, idnumber: str) -> int:
        """What lines call the cohort with this idnumber; 0: none of theirs."""
        wanted = self._wanted.get(self.catalogue.same(idnumber))
        return wanted.number if wanted else 0

    # -- what changes --------------------------------------------------------------------------------------
    def plan(self) -> list[CohortPlan]:
        """Every cohort with changes, by idnumber. Lines about cohorts that cannot be changed are refused."""
        reader = CohortReader(self.db)
        there: dict[str, list[CohortRow]] = defaultdict(list)
        for row in reader.all_named():
            there[self.catalogue.same(row.idnumber)].append(row)
        obstacles: dict[int, str] = {}
        possible: list[tuple[_Wanted, CohortRow | None]] = []
        for key, wanted in self._wanted.items():
            self._untear(wanted)
            rows = there.get(key, [])
            if why := self._obstacle(wanted, rows):
                obstacles[wanted.number] = why
            else:
                possible.append((wanted, next(iter(rows), None)))
        names = {wanted.number: wanted.idnumber for wanted in self._wanted.values()}
        for line, about in self.lines.subjects() if obstacles or self._torn else ():
            if told := self._torn.get(about) or obstacles.get(about[0]):
                self.lines.refuse(line, "cohort", brief(names[about[0]]), told)
        members = reader.members(row.id for _, row in possible if row)
        parts = [self._part(w, row, members.get(row.id, "") if row else "") for w, row in possible]
        return sorted((p for p in parts if p is not None), key=lambda p: p.idnumber)

    def _untear(self, wanted: _Wanted) -> None:
        """Without what lines want differently."""
        if (wanted.number, 0) in self._torn:
            wanted.itself = wanted.context = None
        wanted.people = {u: said for u, said in wanted.people.items() if (wanted.number, u) not in self._torn}

    def _obstacle(self, wanted: _Wanted, rows: Sequence[CohortRow]) -> str:
        if len(rows) > 1:
            return f"several cohorts have this idnumber: {', '.join(f'id {r.id}' for r in rows)}"
        if not rows:
            return "" if wanted.itself else "no cohort has this idnumber"
        (row,) = rows
        if own := self.owned.get(row.id):
            return _GREFFES.format(" and ".join(f"the feed {f}" for f in sorted(own.feeds)))
        if row.component == PLUGIN:
            return "the cohort belongs to Greffe's plugin, by another engine's hand"
        if row.component:
            return f"the cohort belongs to {row.component}, which keeps its members"
        return ""

    def _part(self, wanted: _Wanted, row: CohortRow | None, text: str) -> CohortPlan | None:
        present = set(parse_ids(text))
        self.members += len(present)
        self.cohorts += row is not None
        columns, batches = self._columns(wanted, row), list[Batch]()
        if row is None or columns:
            action = Action.CREATE_COHORT if row is None else Action.UPDATE_COHORT
            batches.append(Batch(action=action, course=0, reason=Reason.ASKED, feeds=(self.feed,)))
        people = wanted.people
        for action, who in (
            (Action.JOIN_COHORT, [u for u, (stays, _) in people.items() if stays and u not in present]),
            (Action.LEAVE_COHORT, [u for u, (stays, _) in people.items() if not stays and u in present]),
        ):
            if who:
                users = sorted(who)
                sources = [people[u][1] for u in users]
                batches.append(
                    Batch(
                        action=action, course=0, reason=Reason.ASKED, users=users, sources=sources, feeds=(self.feed,),
                    )
                )  # fmt: skip
        if not batches:
            return None
        return CohortPlan(
            idnumber=columns.get("idnumber", row.idnumber if row else wanted.idnumber),
            name=columns.get("name", row.name if row else ""),
            cohort=row.id if row else 0,
            fingerprint=row.fingerprint(text) if row else "",
            batches=batches,
            columns=columns,
            was={c: getattr(row, c) for c in columns} if row else {},
            members=count_ids(text),
        )

    def _columns(self, wanted: _Wanted, row: CohortRow | None) -> dict[str, Any]:
        """Columns that are to be written."""
        line = wanted.itself
        if line is None:
            return {}
        said: dict[str, Any] = {"name": line.name}
        if line.description is not None:
            said["description"] = line.description
        if line.visible is not None:
            said["visible"] = int(line.visible)
        if wanted.context is not None:
            said["contextid"] = wanted.context
        if row is not None:
            return row.differs(said)
        new = {"contextid": self.catalogue.system, "description": "", "visible": 1}
        return new | said | {"idnumber": wanted.idnumber, "component": ""}


def _said(line: CohortLine) -> tuple[Any, ...]:
    return (line.idnumber, line.name, line.description, line.visible)


def followed(parts: Iterable[CohortPlan]) -> set[int]:
    """Cohorts of which somebody joins or leaves."""
    return {p.cohort for p in parts if any(b.users for b in p.batches)}
