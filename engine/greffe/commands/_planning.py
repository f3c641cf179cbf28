"""One night, up to the first write: registrations, Moodle's state, the plan, the guards' judgement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce

import msgspec

from greffe.apply.owned import Owned
from greffe.apply.transaction import Refused
from greffe.commands._cohorts import CohortPlanner
from greffe.commands._departing import Departing
from greffe.commands._reading import Feeds
from greffe.config import Config
from greffe.config.amounts import seconds
from greffe.config.courses import CourseRule
from greffe.methods.database import NEVER, Purge, Terms, Wanted, diff_course
from greffe.methods.scope import Scope
from greffe.model import Batch, Course, Leavers
from greffe.moodle.ahead import ScopesAhead
from greffe.moodle.catalogue import Catalogue
from greffe.moodle.database import Database
from greffe.moodle.scopes import ScopeReader
from greffe.plan.calendar import Season
from greffe.plan.cohort_guards import NO_COHORTS, CohortExtent
from greffe.plan.guards import Judgement
from greffe.plan.plan import CoursePlan, Plan, digest
from greffe.rules.desired import CourseRole
from greffe.rules.nowhere import nowhere

_PART = 5000


@dataclass(slots=True)
class Night:
    """Everything that a plan rests on, for those who report it."""

    config: Config
    catalogue: Catalogue
    feeds: Feeds
    plan: Plan
    judgement: Judgement
    active: dict[str, int]
    """Feed → active role holders in the places that it answers for."""
    courses: dict[str, int]
    """Feed → courses that it answers for."""
    graded: int
    """Leavers who keep a suspended enrolment, since they have grades."""
    cohorts: CohortExtent = NO_COHORTS
    named: list[tuple[str, int, str]] = field(default_factory=list)
    """(feed, cohort, idnumber) of the cohorts that are Greffe's and that feeds name tonight."""
    refused: list[Refused] = field(default_factory=list)
    """Cohorts and methods that cannot be made or kept in step, and why."""
    season: Season | None = None
    later: dict[str, int] = field(default_factory=dict)
    """Action → what the calendar leaves for later."""
    allowed: Plan | None = None
    """The plan without what the guards hold back."""
    notes: list[str] = field(default_factory=list)
    named_methods: list[tuple[int, str]] = field(default_factory=list)
    """(instance, who asks for it) of the method instances that are Greffe's."""


class Planner:
    """Compares what the feeds want with what Moodle holds. Reads only."""

    def __init__(
        self,
        config: Config,
        db: Database,
        catalogue: Catalogue,
        feeds: Feeds,
        owned: Owned,
        ahead: ScopesAhead,
    ) -> None:
        self.config, self.db, self.catalogue, self.feeds, self.owned = config, db, catalogue, feeds, owned
        self.ahead = ahead
        self.names = list(config.feed)
        self.leavers = _leavers(config, catalogue.roles)
        self.purges = purges_of(config, catalogue.roles)
        self.places: dict[CourseRole, set[int]] = defaultdict(set)
        self.roles_of_course: dict[int, set[int]] = defaultdict(set)
        for number, name in enumerate(self.names):
            for place in owned.of(name) | feeds.desired.places.get(name, set()):
                self.places[place].add(number)
                self.roles_of_course[place[0]].add(place[1])
        self.wanted: dict[int, Wanted] = {}
        for (course, role), marks in feeds.desired.roles.items():
            self.wanted.setdefault(course, Wanted()).roles[role] = marks
        for (course, role), marks in feeds.desired.others.items():
            self.wanted.setdefault(course, Wanted()).others[role] = marks
        for course in feeds.desired.named:
            if course in catalogue.courses and not catalogue.courses[course].enrol:
                self.wanted.setdefault(course, Wanted()).named = True
                self.roles_of_course.setdefault(course, set())
        for (course, group), marks in feeds.desired.groups.items():
            self.wanted.setdefault(course, Wanted()).groups[group] = marks
        for course, times in feeds.desired.times.items():
            self.wanted.setdefault(course, Wanted()).times = times
        self.astray = nowhere(config, catalogue.roles, catalogue.categories)
        self.left_alone = self._left_alone()
        self.unruled = self._unruled()
        self.kept = self._kept().union(*self.unruled.values())
        self.spared = set[int]().union(*(r.ambiguous_ids | r.doubtful_ids for r in feeds.readings.values()))
        self.active: dict[str, int] = defaultdict(int)
        self.departing = Departing(db)
        for one in self.astray:
            feeds.readings[one.feed].cohorts_in_doubt |= one.of_cohorts
        self.cohorts = CohortPlanner(config, db, catalogue, feeds, owned, ahead)

    def plan(self, site: str, now: int) -> Plan:
        """The complete plan, in the order of its layers."""
        cohorts = self.cohorts.plan()
        courses = [
            self.catalogue.courses[c] for c in sorted(self.roles_of_course) if c in self.catalogue.courses
        ]
        groups = self._groups(courses)
        parts = []
        for course, scope in self._scopes(courses, groups):
            part = self._course(course, scope, groups)
            if part is not None:
                parts.append(part)
        parts = self.departing.settle(parts, now)
        parts = self._without_deleted(parts)
        plan = Plan(
            site=site, made=now, feeds=self.names, cohorts=cohorts, courses=parts, frozen=self.feeds.bad
        )
        return msgspec.structs.replace(plan, digest=digest(plan))

    def courses_of_feed(self) -> dict[str, int]:
        """Feed → how many courses it answers for."""
        found: dict[str, set[int]] = defaultdict(set)
        for (course, _), numbers in self.places.items():
            for number in numbers:
                found[self.names[number]].add(course)
        return {name: len(courses) for name, courses in found.items()}

    def _scopes(
        self, courses: list[Course], groups: Mapping[tuple[int, str], int]
    ) -> Iterable[tuple[Course, Scope]]:
        roles = {r for roles in self.roles_of_course.values() for r in roles}
        reader = ScopeReader(self.db, roles)
        known, ahead = self.ahead.courses, iter(self.ahead)
        others = reader.read([(c.id, c.enrol, c.context) for c in courses if c.enrol and c.id not in known])
        of_course: dict[int, list[int]] = defaultdict(list)
        for (at, _), group in groups.items():
            of_course[at].append(group)
        highest = max(self.catalogue.people("id").values(), default=0) if groups else 0
        for course in courses:
            there = ahead if course.id in known else others
            scope = next(there) if course.enrol else Scope(course.id, 0)
            reader.read_groups(scope, sorted(of_course[course.id]), highest)
            yield course, scope

    def _groups(self, courses: list[Course]) -> dict[tuple[int, str], int]:
        """Groups of the courses that rules with groups can reach."""
        feeds = {self.names.index(r.feed) for r in self.config.course if r.group is not None}
        if not feeds:
            return {}
        reached = {c for (c, _), numbers in self.places.items() if numbers & feeds}
        return self.catalogue.groups(c.id for c in courses if c.id in reached)

    def _course(
        self, course: Course, scope: Scope, groups: Mapping[tuple[int, str], int]
    ) -> CoursePlan | None:
        here = self.roles_of_course[course.id]
        frozen = self._frozen(course.id, {*here, *scope.roles})
        answering = {
            r: tuple(sorted(self.places[course.id, r]))
            for r in {*here, *scope.roles}
            if (course.id, r) in self.places
        }
        purges = {r: self._purge(r, answering.get(r, ())) for r in {*here, *scope.roles}}
        terms = Terms(
            purge=purges,
            leavers={r: self._leaver_action(r, answering.get(r, ())) for r in {*here, *scope.roles}},
            frozen=frozen,
            spared=self.spared,
            feeds=answering,
            group_ids={name: i for (c, name), i in groups.items() if c == course.id} if groups else {},
        )
        diff = diff_course(self.wanted.get(course.id, Wanted()), scope, terms)
        for role, people in diff.active.items():
            for number in answering.get(role, ()):
                self.active[self.names[number]] += people
        if diff.due:
            self.departing.due[course.id] = diff.due
        if not diff.batches and not diff.due:
            return None
        return CoursePlan(
            course=course.id,
            name=course.name,
            context=course.context,
            enrol=course.enrol,
            fingerprint=scope.fingerprint(),
            batches=diff.batches,
            grouped=bool(scope.groups),
            active=diff.active,
            people=diff.people,
        )

    def _leaver_action(self, role: int, feeds: tuple[int, ...]) -> Leavers:
        """The gentlest of the rules that can give the role; of all rules where none of them can."""
        found = [self.leavers[self.names[n]].get(role, self.leavers[self.names[n]].get(0)) for n in feeds]
        known = [a for a in found if a is not None]
        if not known:
            known = [a for rules in self.leavers.values() for a in rules.values()]
        return min(known, key=lambda a: a.harshness, default=Leavers.KEEP)

    def _purge(self, role: int, feeds: tuple[int, ...]) -> Purge:
        """What all rules that can give the role allow; never where none of them can."""
        return purge_at(self.purges, role, (self.names[n] for n in feeds))

    def _frozen(self, course: int, roles: set[int]) -> frozenset[int]:
        """Roles of a course that a bad feed can reach (as on its good nights, and whatever its rules can give where no
        good feed answers for it), and those of a feed that leaves this course alone."""
        frozen: set[int] = set()
        for name in self.feeds.bad:
            reach = self.owned.of(name)
            gives = self.leavers.get(name, {})
            for role in roles:
                answering = {self.names[n] for n in self.places.get((course, role), ())}
                if (course, role) in reach or (
                    (role in gives or 0 in gives) and answering <= self.feeds.bad.keys()
                ):
                    frozen.add(role)
        for name in self.left_alone.get(course, ()):
            frozen |= {r for r in roles if (course, r) in self.owned.of(name)}
        return frozenset(frozen | {r for r in roles if (course, r) in self.kept})

    def _kept(self) -> set[CourseRole]:
        """Places of earlier nights that no rule of their feed reaches tonight, while one of these leads nowhere: nobody
        knows whether it was that one's."""
        feeds = {one.feed for one in self.astray if not one.of_cohorts}
        reached = self.feeds.desired.places
        return set().union(*(self.owned.of(f) - reached.get(f, set()) for f in feeds))

    def _unruled(self) -> dict[str, set[CourseRole]]:
        """Feed for which no rule speaks any more → what it did where no other feed's rule reaches: nobody has said that
        these people left."""
        ruled = {rule.feed for rule in self.config.course}
        spoken = set().union(*(self.owned.of(f) | self.feeds.desired.places.get(f, set()) for f in ruled))
        return {f: self.owned.of(f) - spoken for f in sorted(self.owned.feeds - ruled)}

    def told(self) -> list[str]:
        """What a person should know of the plan."""
        notes = []
        for feed, places in self.unruled.items():
            here = len(
                {course for course, _ in places} & self.roles_of_course.keys() & self.catalogue.courses.keys()
            )
            if here:
                courses = "1 course" if here == 1 else f"{here:,} courses"
                notes.append(
                    f"No rule names [feed.{feed}] any more: whom it brought into {courses} is left as he is. To let them "
                    "go, give it a rule again with an extract that holds a header only, and min_rows = 0."
                )
        return notes + self.departing.told()

    @property
    def refused(self) -> list[Refused]:
        """What the plan leaves as it is, and why: rules that lead nowhere, and cohorts; complete once it is made."""
        return [*(Refused(one.rule, "", one.what, []) for one in self.astray), *self.cohorts.refused]

    def _left_alone(self) -> dict[int, set[str]]:
        """Course → feeds that cannot speak for it tonight: it is hidden and their rules skip hidden courses (Moodle's
        ignorehiddencourses), or it has no key, or shares it with another. Silence is then no reason to take people out."""
        found: dict[int, set[str]] = defaultdict(set)
        for rule in self.config.course:
            if rule.hidden_courses == "skip":
                for course in self.catalogue.courses.values():
                    if not course.visible:
                        found[course.id].add(rule.feed)
            for number in self.catalogue.courses_without(rule.match) & self.roles_of_course.keys():
                found[number].add(rule.feed)
            if self.feeds.readings[rule.feed].ambiguous_codes:
                for number in self.catalogue.courses_sharing(rule.match):
                    found[number].add(rule.feed)
        return found

    def _without_deleted(self, parts: list[CoursePlan]) -> list[CoursePlan]:
        """Rows of deleted people are none of Moodle's sync's business, and none of ours."""
        losing = sorted(
            {u for p in parts for b in p.batches if b.reason.value != "registered" for u in b.users}
        )
        deleted: set[int] = set()
        for start in range(0, len(losing), _PART):
            deleted |= {r[0] for r in self.db.query("deleted_people", users=losing[start : start + _PART])}
        return _filter(parts, lambda _, __, user: user not in deleted) if deleted else parts


def _filter(parts: list[CoursePlan], keep: Callable[[CoursePlan, Batch, int], bool]) -> list[CoursePlan]:
    kept = []
    for part in parts:
        batches = []
        for batch in part.batches:
            at = [i for i, u in enumerate(batch.users) if keep(part, batch, u)]
            if len(at) == len(batch.users):
                batches.append(batch)
            elif at:
                users, sources = [batch.users[i] for i in at], [batch.sources[i] for i in at]
                batches.append(msgspec.structs.replace(batch, users=users, sources=sources))
        if batches:
            kept.append(msgspec.structs.replace(part, batches=batches))
    return kept


def _leavers(config: Config, roles: Mapping[str, int]) -> dict[str, dict[int, Leavers]]:
    """Feed → role → leaver action; role 0 for rules whose role comes from a column."""
    found: dict[str, dict[int, Leavers]] = {name: {} for name in config.feed}
    for rule in config.course:
        mine = found[rule.feed]
        for role in _roles_of(rule, roles):
            mine[role] = min(mine.get(role, rule.leavers), rule.leavers, key=lambda a: a.harshness)
    return found


def purges_of(config: Config, roles: Mapping[str, int]) -> dict[str, dict[int, Purge]]:
    """Feed → role → when leavers are unenrolled; role 0 for rules whose role comes from a column."""
    found: dict[str, dict[int, Purge]] = {name: {} for name in config.feed}
    for rule in config.course:
        mine, purge = found[rule.feed], _purge_of(rule)
        for role in _roles_of(rule, roles):
            mine[role] = mine.get(role, purge).gentler(purge)
    return found


def purge_at(purges: Mapping[str, Mapping[int, Purge]], role: int, feeds: Iterable[str]) -> Purge:
    """What all rules of these feeds that can give the role allow; never where none of them can."""
    found = [purges[feed].get(role, purges[feed].get(0)) for feed in feeds]
    known = [p for p in found if p is not None]
    return reduce(Purge.gentler, known) if known else NEVER


def _purge_of(rule: CourseRule) -> Purge:
    given = rule.purge
    if rule.leavers is Leavers.UNENROL:
        return Purge(0, given is not None and given.with_grades)
    if given is None or given.after is None:
        return NEVER
    return Purge(seconds(given.after), given.with_grades)


def _roles_of(rule: CourseRule, roles: Mapping[str, int]) -> list[int]:
    if "{" in rule.role:
        return [0]
    return [roles[r] for r in (rule.role, rule.default_role) if r is not None and r in roles][:1]
