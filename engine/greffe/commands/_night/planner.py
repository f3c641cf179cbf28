"""One night, up to the first write: registrations, Moodle's state, the plan, the guards' judgement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from greffe.apply.owned import Owned
from greffe.apply.transaction import Refused
from greffe.commands._deleted import deleted_of
from greffe.commands._departing import Departing
from greffe.commands._night.answering import Answering
from greffe.commands._night.cohorts import CohortPlanner
from greffe.commands._night.feeds import Feeds
from greffe.config import Config
from greffe.methods.database import Terms, Wanted, diff_course
from greffe.methods.leaving import leavers_at, leavers_of, purge_at, purges_of
from greffe.methods.scope import Scope
from greffe.model import Course, Reason
from greffe.moodle.ahead import ScopesAhead
from greffe.moodle.catalogue import Catalogue
from greffe.moodle.database import Database
from greffe.moodle.scopes import ScopeReader
from greffe.plan.calendar import Season
from greffe.plan.cohort_guards import NO_COHORTS, CohortExtent
from greffe.plan.guards import Judgement
from greffe.plan.plan import CoursePlan, Plan, digest
from greffe.rules.desired import Desired

Groups = dict[int, dict[str, int]]
"""Course → name of a group → its id."""


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
        self.answering = Answering(config, catalogue, feeds, owned)
        self.leavers = leavers_of(config, catalogue.roles)
        self.purges = purges_of(config, catalogue.roles)
        self.wanted = _wanted(feeds.desired, self.answering.methods_to_make)
        self.spared = feeds.spared()
        self.active: dict[str, int] = defaultdict(int)
        self.departing = Departing(db)
        for one in self.answering.astray:
            feeds.readings[one.feed].cohorts_in_doubt |= one.of_cohorts
        self.cohorts = CohortPlanner(config, db, catalogue, feeds, owned, ahead)

    def plan(self, site: str, now: int) -> Plan:
        """The complete plan, in the order of its layers."""
        cohorts = self.cohorts.plan()
        courses = [
            self.catalogue.courses[c]
            for c in sorted(self.answering.roles_of_course)
            if c in self.catalogue.courses
        ]
        groups = self._groups(courses)
        parts = []
        for course, scope in self._scopes(courses, groups):
            part = self._course(course, scope, groups.get(course.id, {}))
            if part is not None:
                parts.append(part)
        parts = self.departing.settle(parts, now)
        parts = self._without_deleted(parts)
        plan = Plan(
            site=site,
            made=now,
            feeds=self.answering.names,
            cohorts=cohorts,
            courses=parts,
            frozen=self.feeds.bad,
        )
        return msgspec.structs.replace(plan, digest=digest(plan))

    def _scopes(self, courses: list[Course], groups: Groups) -> Iterable[tuple[Course, Scope]]:
        roles = {r for roles in self.answering.roles_of_course.values() for r in roles}
        reader = ScopeReader(self.db, roles)
        known, ahead = self.ahead.courses, iter(self.ahead)
        others = reader.read([(c.id, c.enrol, c.context) for c in courses if c.enrol and c.id not in known])
        highest = max(self.catalogue.people("id").values(), default=0) if groups else 0
        for course in courses:
            there = ahead if course.id in known else others
            scope = next(there) if course.enrol else Scope(course.id, 0)
            reader.read_groups(scope, sorted(groups.get(course.id, {}).values()), highest)
            yield course, scope

    def _groups(self, courses: list[Course]) -> Groups:
        """Groups of the courses that rules with groups can reach."""
        feeds = {self.answering.names.index(r.feed) for r in self.config.course if r.group is not None}
        if not feeds:
            return {}
        reached = {c for (c, _), numbers in self.answering.places.items() if numbers & feeds}
        found: Groups = {}
        for (course, name), group in self.catalogue.groups(c.id for c in courses if c.id in reached).items():
            found.setdefault(course, {})[name] = group
        return found

    def _course(self, course: Course, scope: Scope, groups: Mapping[str, int]) -> CoursePlan | None:
        roles = {*self.answering.roles_of_course[course.id], *scope.roles}
        answering = {
            r: tuple(sorted(self.answering.places[course.id, r]))
            for r in roles
            if (course.id, r) in self.answering.places
        }
        feeds = {r: [self.answering.names[n] for n in answering.get(r, ())] for r in roles}
        terms = Terms(
            purge={r: purge_at(self.purges, r, feeds[r]) for r in roles},
            leavers={r: leavers_at(self.leavers, r, feeds[r]) for r in roles},
            frozen=self.answering.frozen(course.id, roles, self.leavers),
            spared=self.spared,
            feeds=answering,
            group_ids=groups,
        )
        diff = diff_course(self.wanted.get(course.id, Wanted()), scope, terms)
        for role, people in diff.active.items():
            for number in answering.get(role, ()):
                self.active[self.answering.names[number]] += people
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

    def told(self) -> list[str]:
        """What a person should know of the plan."""
        return self.answering.told() + self.departing.told()

    @property
    def refused(self) -> list[Refused]:
        """What the plan leaves as it is, and why: rules that lead nowhere, and cohorts; complete once it is made."""
        return [
            *(Refused(one.rule, "", one.what, []) for one in self.answering.astray),
            *self.cohorts.refused,
        ]

    def _without_deleted(self, parts: list[CoursePlan]) -> list[CoursePlan]:
        """Who would lose something and has no account any more is left as he is."""
        losing = {u for p in parts for b in p.batches if b.reason is not Reason.REGISTERED for u in b.users}
        deleted = deleted_of(self.db, losing)
        return _without(parts, deleted) if deleted else parts


def _wanted(desired: Desired, methods_to_make: Collection[int]) -> dict[int, Wanted]:
    """By course."""
    found: dict[int, Wanted] = defaultdict(Wanted)
    for (course, role), marks in desired.roles.items():
        found[course].roles[role] = marks
    for (course, role), marks in desired.others.items():
        found[course].others[role] = marks
    for course in methods_to_make:
        found[course].named = True
    for (course, group), marks in desired.groups.items():
        found[course].groups[group] = marks
    for course, times in desired.times.items():
        found[course].times = times
    return found


def _without(parts: list[CoursePlan], people: Collection[int]) -> list[CoursePlan]:
    kept = []
    for part in parts:
        batches = []
        for batch in part.batches:
            at = [i for i, user in enumerate(batch.users) if user not in people]
            if len(at) == len(batch.users):
                batches.append(batch)
            elif at:
                users, sources = [batch.users[i] for i in at], [batch.sources[i] for i in at]
                batches.append(msgspec.structs.replace(batch, users=users, sources=sources))
        if batches:
            kept.append(msgspec.structs.replace(part, batches=batches))
    return kept
