"""What the lines of a file about methods mean on this site, and the instances that they make of what is there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from greffe.commands._file.lines import Lines
from greffe.commands._file.resolving import Found, Names
from greffe.config import Config
from greffe.intake.lines import Doing, Line, MethodLine
from greffe.methods import cohort, meta
from greffe.methods.asked import Answers, AskedMethod, FileTerms, settle
from greffe.methods.following import Instance
from greffe.methods.relinking import Relinking
from greffe.moodle.catalogue import Catalogue
from greffe.moodle.cohorts import CohortReader
from greffe.moodle.database import Database
from greffe.moodle.instances import InstanceReader
from greffe.plan.cohorts import CohortPlan
from greffe.rules.text import brief, clean, holds

STUDENT = "student"
"""What the members of a cohort become where a line adds a method and says no role, as the tools do whose files these are."""
_GROUP = 254
"""Characters of a group's name (``groups``)."""


@dataclass(slots=True)
class MethodNames:
    """Finds what lines about methods name; each line ends in ``asked`` or among those that are refused."""

    db: Database
    catalogue: Catalogue
    lines: Lines
    asked: dict[str, list[AskedMethod]] = field(default_factory=lambda: defaultdict(list))
    """Method → what is asked for, in the file's order."""
    names: Names = field(init=False)
    default_role: int = field(init=False)
    """0: the site has no such role."""
    _cohorts: dict[str, list[int]] | None = None

    def __post_init__(self) -> None:
        self.names = Names(self.catalogue)
        found = self.names.role(STUDENT)
        self.default_role = found if isinstance(found, int) else 0

    def take(self, part: Sequence[Line]) -> None:
        """Add these lines."""
        for one in part:
            if isinstance(one, MethodLine) and (asked := self._asked(one)) is not None:
                self.asked[one.method].append(asked)

    def drop_refused(self) -> None:
        """Without lines of which another part is refused; once all were taken."""
        for method, asked in self.asked.items():
            self.asked[method] = [a for a in asked if a.line not in self.lines.refused]

    def _asked(self, one: MethodLine) -> AskedMethod | None:
        ids: dict[str, int | None] = {"role": None}
        found: dict[str, tuple[str, Found]] = {
            "course": (one.course, self.names.course(one.course_key, one.course)),
            "source": (one.source, self._source(one)),
        }
        if one.role and one.method == cohort.METHOD:
            found["role"] = (one.role, self.names.role(one.role))
        for column, (text, what) in found.items():
            if isinstance(what, str):
                self.lines.refuse(one.line, column, text, what)
                return None
            ids[column] = what
        if one.role == "" and one.method == cohort.METHOD:
            ids["role"] = 0
        if one.group is not None and not holds(_GROUP, one.group):
            why = f"no name for a group, which has {_GROUP} characters at most"
            self.lines.refuse(one.line, "group", brief(one.group), why)
            return None
        adds = one.doing is Doing.ADD
        if adds and one.method == cohort.METHOD and one.role is None and not self.default_role:
            why = f"the site has no role {STUDENT!r} for those of whom a line says nothing: say the role"
            self.lines.refuse(one.line, "role", "", why)
            return None
        return AskedMethod(
            line=one.line,
            method=one.method,
            course=int(ids["course"] or 0),
            source=int(ids["source"] or 0),
            gone=one.doing is Doing.REMOVE,
            there=one.doing is Doing.UPDATE,
            role=ids["role"],
            group=one.group,
            enabled=one.enabled,
        )

    def _source(self, one: MethodLine) -> Found:
        if one.method == meta.METHOD:
            return self.names.course(one.source_key, one.source)
        if self._cohorts is None:
            self._cohorts = defaultdict(list)
            for row in CohortReader(self.db).all_named():
                self._cohorts[self.catalogue.same(row.idnumber)].append(row.id)
        ids = self._cohorts.get(self.catalogue.same(one.source), ())
        if len(ids) == 1:
            return ids[0]
        if not ids:
            return "no cohort has this idnumber"
        return f"several cohorts have this idnumber: {', '.join(f'id {i}' for i in sorted(ids))}"


@dataclass(slots=True)
class MethodFile:
    """Says how instances will be by a file. Reads only."""

    config: Config
    db: Database
    catalogue: Catalogue
    owned: Mapping[int, str]
    """Instance of Greffe's → who asked for it."""
    asked: Mapping[str, Sequence[AskedMethod]]
    default_role: int
    relinking: Relinking = field(default_factory=Relinking)
    new_cohorts: dict[str, int] = field(default_factory=dict)
    answers: Answers = field(default_factory=Answers)
    _given: set[int] = field(default_factory=set)
    """Courses in which a method of cohorts changes: their children follow."""

    def expect(self, cohorts: Sequence[CohortPlan]) -> None:
        """Nothing: a file about methods makes no cohorts."""

    def settle(self, method: str, found: Sequence[Instance]) -> list[Instance]:
        """The method's instances as they will be."""
        asked = self.asked.get(method, ())
        if not asked:
            return list(found)
        courses = self.catalogue.courses
        grouped = {a.course for a in asked if a.group is not None}
        terms = FileTerms(
            method=method,
            asked=asked,
            ruled=self._ruled(method),
            groups=self.catalogue.groups(grouped) if grouped else {},
            group_names=self._group_names(found, grouped),
            contexts={i: c.context for i, c in courses.items()},
            names={i: c.name for i, c in courses.items()},
            default_role=self.default_role,
        )
        will_be = settle(terms, found, self.relinking, self.answers)
        if method == cohort.METHOD:
            self._given = {i.course for i in will_be if i.enrol in self.relinking.changes}
        return will_be

    def concerns(self, instance: Instance) -> bool:
        """Whether the plan is about it: what changes, and the children of courses whose people change by that, since Moodle
        takes these along at once."""
        follows = instance.method == meta.METHOD and instance.source in self._given
        return follows or instance.enrol in self.relinking.changes

    def _ruled(self, method: str) -> dict[int, str]:
        """Instance that ``[[link]]`` rules keep as it is → these rules. Of one whose last rule is gone no night speaks."""
        rules: dict[str, list[str]] = defaultdict(list)
        for number, rule in enumerate(self.config.link, 1):
            if rule.method == method:
                rules[rule.source].append(str(number))
        called = {source: f"[[link]] number {' or '.join(numbers)}" for source, numbers in rules.items()}
        return {enrol: called[source] for enrol, source in self.owned.items() if source in called}

    def _group_names(self, found: Sequence[Instance], courses: Collection[int]) -> dict[int, str]:
        groups = {i.group for i in found if i.course in courses and i.group and i.fillable}
        names = InstanceReader(self.db, self.catalogue).groups(groups)
        return {group: clean(name) for group, (_, name) in names.items()}
