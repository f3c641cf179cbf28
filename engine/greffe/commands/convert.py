"""Automatic enrolments kept as manual ones, for people who leave the feed but must stay."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from greffe.commands._file.batch import Asked, Batched, Proposal, carry_batch, judged, walk
from greffe.commands._file.lines import Lines
from greffe.commands._file.resolving import Names
from greffe.commands._named.selection import selected
from greffe.commands._session import Session, Watcher
from greffe.config import Config
from greffe.intake.lines import Batchfile, Line, PersonLine
from greffe.methods import byhand
from greffe.methods.byhand import Terms
from greffe.methods.database import METHOD as DATABASE
from greffe.methods.following import InstanceDiff, State
from greffe.methods.scope import Scope, component
from greffe.model import Reason
from greffe.moodle.aggregates import strings
from greffe.moodle.byhand import TOGETHER, HandInstance, HandReader
from greffe.moodle.instances import InstanceReader
from greffe.moodle.patience import persist
from greffe.moodle.scopes import ScopeReader
from greffe.plan.plan import CoursePlan

NAME = "convert"
ELSEWHERE = "nobody brought this person into these courses by the method {method}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """Whose enrolments are to be kept, and where."""

    method: str = DATABASE
    """What brought them there: database, cohort, meta."""
    courses: Sequence[str] = ()
    categories: Sequence[str] = ()
    leavers: bool = False
    """Only those whom the method has suspended."""


def convert(
    config: Config,
    wishes: Conversion,
    asked: Asked,
    file: Batchfile | None = None,
    watcher: Watcher | None = None,
) -> Batched:
    """Plan, judge, write. ``file``: only the people whom it names. The automatic enrolments stay as they are: what becomes
    of them is the next night's business."""
    return carry_batch(
        config,
        lambda _: [wishes.method, byhand.MANUAL],
        lambda session, watcher: _propose(session, wishes, file, asked, watcher),
        asked,
        watcher,
    )


def _propose(
    session: Session, wishes: Conversion, file: Batchfile | None, asked: Asked, watcher: Watcher
) -> Batched:
    lines = Lines()

    def gather(file: Batchfile) -> _Named:
        named = _Named(session, lines)
        watcher.step("Reading the file")
        walk(file, lines, named.take, PersonLine)
        return named

    named = lines.wholly(lambda: gather(file)) if file else None
    courses = selected(session, wishes.courses, wishes.categories)
    watcher.step("Comparing with Moodle")

    def compare() -> Proposal:
        with session.db.transaction(snapshot=True):
            return _Comparing(session, wishes, named, courses).proposal()

    found = persist(compare, away=session.db.patience)
    if named:
        named.refuse_strangers(ELSEWHERE.format(method=wishes.method))
    return judged(session, file, asked, lines, found, NAME)


@dataclass(slots=True)
class _Named:
    """Whom a file names: everywhere, or in the course of the line."""

    session: Session
    lines: Lines
    people: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Person → courses; 0 for everywhere."""
    met: set[int] = field(default_factory=set)
    """Those of them whom the method has brought somewhere."""

    def take(self, part: list[Line]) -> None:
        names = Names(self.session.catalogue)
        mine = [line for line in part if isinstance(line, PersonLine)]
        people = names.people({(line.person_key, line.person) for line in mine if line.person})
        for line in mine:
            person = people.get((line.person_key, line.person), "it names nobody")
            course = names.course(line.course_key, line.course) if line.course else 0
            for column, value, found in (("person", line.person, person), ("course", line.course, course)):
                if isinstance(found, str):
                    self.lines.refuse(line.line, column, value, found)
                    break
            else:
                self.people[int(person)].add(int(course))
                self.lines.add(line.line, (0, int(person)))

    def has(self, person: int, course: int) -> bool:
        """Whether he is meant there; noted."""
        if not self.people.get(person, set()) & {0, course}:
            return False
        self.met.add(person)
        return True

    def refuse_strangers(self, why: str) -> None:
        """Lines that lead to no automatic enrolment."""
        for line, (_, person) in self.lines.subjects():
            if person not in self.met:
                self.lines.refuse(line, "person", "", why)


@dataclass(slots=True)
class _Comparing:
    session: Session
    wishes: Conversion
    named: _Named | None
    courses: Sequence[int]
    parts: list[CoursePlan] = field(default_factory=list)
    _prints: dict[int, str] = field(default_factory=dict)
    """Instance of the automatic method → its fingerprint, as a look at a plan file takes it."""

    def proposal(self) -> Proposal:
        db, catalogue = self.session.db, self.session.catalogue
        automatic = self._automatic()
        courses = sorted(automatic)
        reader = HandReader(db, catalogue)
        there = reader.instances(byhand.MANUAL, courses)
        defaults = byhand.default_instance(reader.settings(byhand.MANUAL))
        bare = HandInstance(0, 0, role=int(defaults["roleid"] or 0))
        instances = [there[c][0] if c in there else replace(bare, course=c) for c in courses]
        groups = {c: sorted({g for s in automatic[c] for g in s.groups}) for c in courses}
        names = self._names({g for mine in groups.values() for g in mine})
        roles = catalogue.course_roles.values()
        active = 0
        for instance, scope in reader.scopes(instances, groups):
            wanted = byhand.conversion(
                automatic[instance.course], self._chosen(instance.course), scope, names
            )
            # whoever is in a group through the automatic method has to leave it first
            made = byhand.diff(
                wanted,
                replace(scope, groups={}),
                Terms(
                    role=instance.role if instance.role in roles else 0,
                    group_ids={names[g]: g for g in groups[instance.course]},
                    reason=Reason.CONVERTED,
                ),
            )
            active += made.people
            if not made.batches:
                continue
            for one in automatic[instance.course]:
                if over := byhand.handed_over(one, wanted.people, names):
                    self._add(
                        instance.course,
                        self.wishes.method,
                        one.enrol,
                        self._prints[one.enrol],
                        InstanceDiff(over),
                    )
            number = instance.enrol or -len(self.parts) - 1
            seen = byhand.fingerprint(scope, made.batches) if instance.enrol else ""
            self._add(instance.course, byhand.MANUAL, number, seen, made)
            if not instance.enrol:
                self.parts[-1].columns = dict(defaults)
        self.parts.sort(key=lambda p: p.course)
        return Proposal(courses=self.parts, active=active, places=len(courses), place=lambda _: 0)

    def _add(self, course: int, method: str, enrol: int, fingerprint: str, made: InstanceDiff) -> None:
        known = self.session.catalogue.courses[course]
        self.parts.append(
            CoursePlan(
                course=known.id, name=known.name, context=known.context, method=method, enrol=enrol, fingerprint=fingerprint,
                batches=made.batches, active=made.active, people=made.people,
            )
        )  # fmt: skip

    def _chosen(self, course: int) -> Callable[[int, bool], bool]:
        def chosen(person: int, suspended: bool) -> bool:
            if self.wishes.leavers and not suspended:
                return False
            return self.named is None or self.named.has(person, course)

        return chosen

    def _automatic(self) -> dict[int, list[Scope]]:
        """Course → what the automatic method holds there, with the groups that it put people into."""
        db, catalogue = self.session.db, self.session.catalogue
        wanted = set(self.courses)
        if self.wishes.method == DATABASE:
            known = [catalogue.courses[c] for c in self.courses if catalogue.courses[c].enrol]
            reader = ScopeReader(db, catalogue.roles.values())
            scopes = list(reader.read([(c.id, c.enrol, c.context) for c in known]))
        else:
            following = InstanceReader(db, catalogue)
            instances = [i for i in following.instances(self.wishes.method) if i.course in wanted]
            scopes = list(following.scopes(instances).values())
            reader = ScopeReader(db, [], self.wishes.method)
        self._prints = {s.enrol: s.fingerprint() for s in scopes}
        reader.read_times_of_suspended([s for s in scopes if s.suspended])
        courses = sorted({s.course for s in scopes})
        giver = component(self.wishes.method)
        by_enrol = {s.enrol: s for s in scopes}
        for scope in scopes:
            scope.groups = {}
        for (enrol, group), text in strings(
            db, "memberships_of_method", "courses", courses, component=giver
        ).items():
            if enrol in by_enrol:
                by_enrol[enrol].groups[group] = {True: text}
        found: dict[int, list[Scope]] = defaultdict(list)
        for scope in scopes:
            if State.of(scope).enrolled:
                found[scope.course].append(scope)
        return dict(found)

    def _names(self, groups: set[int]) -> dict[int, str]:
        """Group → its name, with its id where another one of its course has the same."""
        ordered = sorted(groups)
        rows = [
            (int(g), int(course), str(name))
            for start in range(0, len(ordered), TOGETHER)
            for g, course, name in self.session.db.query(
                "groups_by_id", groups=ordered[start : start + TOGETHER]
            )
        ]
        times = Counter((course, name) for _, course, name in rows)
        return {g: name if times[course, name] == 1 else f"{name} (id {g})" for g, course, name in rows}
