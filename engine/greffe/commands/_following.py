"""The plan of methods that follow something: cohort instances first, then meta children from their parents as these will
be when the cohort part is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

import msgspec

from greffe.apply.transaction import Refused
from greffe.commands._deleted import deleted_of
from greffe.commands._departing import Departing
from greffe.commands._naming import course_name, method_name
from greffe.methods import cohort, meta
from greffe.methods.following import Instance, InstanceDiff, State, after, dissolve
from greffe.methods.relinking import MethodChange, Relinking, spare
from greffe.methods.scope import Scope, component, join_ids, parse_ids
from greffe.methods.sharing import SharedGroups
from greffe.model import Action, Batch, Leavers
from greffe.moodle.catalogue import Catalogue
from greffe.moodle.database import Database
from greffe.moodle.instances import Followed, InstanceReader, WayIn
from greffe.plan.cohorts import CohortPlan
from greffe.plan.plan import GAINS, CoursePlan, Place
from greffe.rules.words import count

METHODS = (cohort.METHOD, meta.METHOD)
"""In the order in which one can follow from the other."""
LOOP = "linked in a circle"

Diff = Callable[[Instance, Scope, frozenset[int]], InstanceDiff]


class Relinker(Protocol):
    """Who changes instances in the same plan: rules, a new academic year, or somebody's file."""

    relinking: Relinking
    new_cohorts: dict[str, int]
    """Cohorts that the same plan creates: idnumber → a number below 0."""

    def expect(self, cohorts: Sequence[CohortPlan]) -> None:
        """Cohorts as the layer before leaves them."""

    def settle(self, method: str, found: Sequence[Instance]) -> list[Instance]:
        """The method's instances as they will be."""


@dataclass(slots=True)
class Following:
    """Compares instances of ``cohort`` and ``meta`` with what they follow. Reads once; plans as often as asked."""

    db: Database
    catalogue: Catalogue
    methods: Sequence[str]
    course: int | None = None
    """Only the methods of this course."""
    only: Callable[[Instance], bool] = lambda _: True
    """Which instances may be touched."""
    relinker: Relinker | None = None
    gains_only: bool = False
    """Whether the calendar lets nobody lose anything: children follow parents that are left as they are."""
    refused: list[Refused] = field(default_factory=list)
    people: dict[str, int] = field(default_factory=dict)
    """Method → active people in its instances."""
    count: dict[str, int] = field(default_factory=dict)
    """Method → its instances."""
    graded: int = 0
    """People whom the plan unenrols and whose grades go with that."""
    kept_for_grades: set[int] = field(default_factory=set)
    """Instances that are switched off rather than deleted."""
    _instances: dict[str, list[Instance]] = field(default_factory=dict)
    _scopes: dict[int, Scope] = field(default_factory=dict)
    _ways: dict[int, list[WayIn]] = field(default_factory=dict)
    _holders: dict[int, meta.Holders] = field(default_factory=dict)
    _members: dict[int, str] = field(default_factory=dict)
    """Cohort → its members now…"""
    _tomorrow: dict[int, str] = field(default_factory=dict)
    """…and as the layer before will leave them."""
    _names: dict[int, str] = field(default_factory=dict)
    _held: frozenset[Place] = frozenset()
    """Instances that are not deleted, since grades would go with that."""
    _born: dict[int, meta.Way] = field(default_factory=dict)
    """Course → the method that the layer before creates there."""

    # -- reading -------------------------------------------------------------------------------------------
    def read(self) -> None:
        """Everything that the plan rests on, in the transaction that is open."""
        reader = InstanceReader(self.db, self.catalogue)
        for method in self.methods:
            there = reader.instances(method)
            found = self._settled(method, there)
            found = [i for i in found if self.course in (None, i.course) and self.only(i)]
            chosen = {i.enrol for i in found}
            self._scopes |= reader.scopes(
                [i for i in there if i.enrol in chosen], found if self.relinker else ()
            )
            found = self._without_graded(found)
            self._instances[method] = found
            self.count[method] = len(found)
        if cohorts := {i.source for i in self._instances.get(cohort.METHOD, ()) if i.source > 0}:
            self._members = reader.members(cohorts)
            self._tomorrow = self._members
            self._names = reader.cohort_names(cohorts)
        if (
            parents := {i.source for i in self._instances.get(meta.METHOD, ())}
            & self.catalogue.courses.keys()
        ):
            self._ways = self._with_new_ones(reader.ways(parents))
            missing = [w for ways in self._ways.values() for w in ways if w.enrol not in self._scopes]
            self._scopes |= reader.enrolments(missing)
            self._holders = reader.holders({self.catalogue.courses[c].context for c in parents})
            for way in missing:
                held = self._holders.get(self.catalogue.courses[way.course].context, {})
                giver = (component(way.method), way.enrol)
                self._scopes[way.enrol].roles = {
                    r: text for (*by, r), text in held.items() if tuple(by) == giver
                }

    def _settled(self, method: str, there: list[Instance]) -> list[Instance]:
        """The method's instances as they will be, without those that are linked in a circle."""
        found = self.relinker.settle(method, there) if self.relinker else there
        return self._without_loops(found) if method == meta.METHOD else found

    def look(self) -> None:
        """Find what is refused, without reading anybody's enrolment; instead of ``read``."""
        reader = InstanceReader(self.db, self.catalogue)
        for method in self.methods:
            self._settled(method, reader.instances(method))

    def _without_graded(self, found: list[Instance]) -> list[Instance]:
        """Nobody's grades go with a method that is given up: such an instance is only switched off."""
        leaving = [i for i in found if i.leaving]
        if not leaving or self.relinker is None or self.relinker.relinking.with_grades:
            return found
        parts = [self._part(0, i, dissolve(i, self._scopes[i.enrol])) for i in leaving]
        graded = Departing(self.db).losing_grades(parts)
        courses = {c for c, _ in graded}
        stays = {p.enrol for p in parts if p.course in courses and any((p.course, u) in graded for b in p.batches for u in b.users)}  # fmt: skip
        self.kept_for_grades |= stays
        return [spare(i, self.relinker.relinking) if i.enrol in stays else i for i in found]

    def _with_new_ones(self, ways: dict[int, list[WayIn]]) -> dict[int, list[WayIn]]:
        """Ways into courses, those too that the plan makes."""
        for found in self._instances.values():
            for i in found:
                if i.enrol < 0 and i.course in ways:
                    ways[i.course].append(WayIn(i.enrol, i.course, i.method, i.enabled))
        return ways

    def _enabled(self, way: WayIn) -> bool:
        """Whether it is switched on when the plan is made, as far as the guards let it."""
        if self._change_of_way(way) and (way.course, way.enrol) not in self._held:
            will_be = next(i.enabled for i in self._instances[way.method] if i.enrol == way.enrol)
            return will_be or (way.enabled and self.gains_only)
        return way.enabled

    def _change_of_way(self, way: WayIn) -> bool:
        return bool(self.relinker and way.enrol in self.relinker.relinking.changes) and way.method in self._instances  # fmt: skip

    def _without_loops(self, found: list[Instance]) -> list[Instance]:
        _, loops = meta.order((i.source, i.course) for i in found if not i.leaving)
        for loop in loops:
            path = " → ".join(course_name(self.catalogue.courses, c) for c in loop)
            self.refused.append(Refused(path, "", f"{LOOP}; delete one of these meta links in Moodle", []))
        circle = {pair for loop in loops for pair in pairwise(loop)}
        return [i for i in found if i.leaving or (i.source, i.course) not in circle]

    def told(self) -> list[str]:
        """What a person should know of the plan."""
        said = []
        if kept := len(self.kept_for_grades):
            are, them = ("is", "it") if kept == 1 else ("are", "them")
            said.append(
                f"{count(kept, 'method')} {are} switched off rather than deleted: grades would go with {them}."
            )
        if not self.graded:
            return said
        who = f"{self.graded:,} of those whom a method unenrols"
        said.append(
            f"{who} have grades in the course, which go with that: so says Moodle's setting (unenrolaction)."
        )
        return said

    def expect(self, cohorts: Sequence[CohortPlan], held: frozenset[str]) -> None:
        """Plan from the members that cohorts will have after an earlier layer; ``held``: idnumbers of those of whom guards
        hold what people would lose."""
        self._tomorrow = dict(self._members)
        for part in cohorts:
            allowed = part.without_losses() if part.idnumber in held else part
            new = self.relinker.new_cohorts if self.relinker else {}
            cohort = part.cohort or new.get(part.idnumber, 0)
            if allowed is None or not cohort:
                continue  # nothing follows it
            people = set(parse_ids(self._members.get(cohort, "")))
            for batch in allowed.batches:
                if batch.action is Action.JOIN_COHORT:
                    people.update(batch.users)
                elif batch.action is Action.LEAVE_COHORT:
                    people.difference_update(batch.users)
                elif batch.action is Action.DELETE_COHORT:
                    people.clear()
            self._tomorrow[cohort] = join_ids(sorted(people))

    # -- planning ------------------------------------------------------------------------------------------
    @property
    def feeds(self) -> list[str]:
        """What stands for a feed in the plan, for the guards: all instances of a method."""
        return [f"all {m} methods" for m in self.methods]

    def active_of_feeds(self) -> dict[str, int]:
        """How many active people there are in all instances of each method."""
        return dict(zip(self.feeds, (self.people[m] for m in self.methods), strict=True))

    def count_of_feeds(self) -> dict[str, int]:
        """How many instances each method has."""
        return dict(zip(self.feeds, (self.count[m] for m in self.methods), strict=True))

    def parts(
        self, now: int, held: frozenset[Place], earlier: Sequence[CoursePlan] = (), first: int = 0
    ) -> list[CoursePlan]:
        """The parts of the plan, by course. ``held``: where guards hold what people would lose, so that nothing may follow
        from that; ``earlier``: parts of the layer before, on which children may stand; ``first``: the number of the first of ``feeds`` in the whole plan."""
        parts: list[CoursePlan] = []
        self._held = held
        will_be = dict(self._scopes)
        self._born = {}

        def made(part: CoursePlan) -> list[Batch]:
            return part.without_losses(now) if self.gains_only or part.place in held else part.batches

        for part in earlier:
            if part.enrol in will_be:
                will_be[part.enrol] = after(self._scopes[part.enrol], made(part))
            elif not part.enrol:
                self._born[part.course] = meta.Way(
                    part.method, True, after(Scope(part.course, 0), made(part))
                )

        def layer(
            number: int, method: str, deleted: frozenset[int]
        ) -> tuple[list[CoursePlan], dict[int, Scope]]:
            found, then = [], dict(will_be)
            self.people[method] = 0
            shared.joined = dict(joined_before)
            news = False
            for instances, diff in self._steps(method, then, now):
                for instance in instances:
                    scope = self._scopes[instance.enrol]
                    changes = diff(instance, shared.seen_by(instance, scope), deleted)
                    self.people[method] += changes.people
                    if changes.batches or self._change_of(instance):
                        part = self._part(number, instance, changes)
                        found.append(part)
                        then[instance.enrol] = after(scope, made(part))
                        news = shared.note(scope, self._allowed(changes.batches, part, made(part))) or news
            return layer(number, method, deleted) if news else (found, then)

        shared = SharedGroups.of((i for m in self.methods for i in self._instances[m]), self._scopes)
        joined_before: dict[int, set[int]] = {}
        for number, method in enumerate(self.methods, first):
            found, then = layer(number, method, frozenset())
            if deleted := self._deleted(found):
                found, then = layer(number, method, deleted)
            parts += found
            will_be = then
            joined_before = {g: set(people) for g, people in shared.joined.items()}
        # new ones have numbers below 0, and are made in the order in which they were asked for
        parts.sort(key=lambda p: (p.course, self.methods.index(p.method), p.enrol < 0, abs(p.enrol)))
        self.graded = len(Departing(self.db).losing_grades(parts))
        return parts

    @staticmethod
    def _allowed(batches: Sequence[Batch], part: CoursePlan, made: Sequence[Batch]) -> Sequence[Batch]:
        """An instance's own batches, as far as the guards let its part be made."""
        return batches if len(made) == len(part.batches) else made

    def _steps(
        self, method: str, then: Mapping[int, Scope], now: int
    ) -> Iterator[tuple[Sequence[Instance], Diff]]:
        """Instances with their rule, parents before their children; ``then`` fills while they are walked."""
        found = self._instances[method]
        if method == cohort.METHOD:
            yield found, self._cohort_diff()
            return
        site_rules = meta.rules(self._settings(method))
        by_parent: dict[int, list[Instance]] = {}
        for child in found:
            by_parent.setdefault(child.source, []).append(child)
        ordered, _ = meta.order((i.source, i.course) for i in found)
        for course in ordered:
            if course in by_parent:
                yield (
                    by_parent[course],
                    self._meta_diff(self._parent(course, then, site_rules), site_rules, now),
                )

    def _part(self, number: int, instance: Instance, made: InstanceDiff) -> CoursePlan:
        part = CoursePlan(
            course=instance.course,
            name=self._name(instance),
            context=instance.context,
            method=instance.method,
            enrol=instance.enrol,
            fingerprint=self._scopes[instance.enrol].fingerprint() if instance.enrol > 0 else "",
            batches=[msgspec.structs.replace(b, feeds=(number,)) for b in made.batches],
            active=made.active,
            people=made.people,
        )
        change = self._change_of(instance)
        return self._with_change(part, instance, change, number) if change else part

    def _change_of(self, instance: Instance) -> MethodChange | None:
        return self.relinker.relinking.changes.get(instance.enrol) if self.relinker else None

    def _with_change(
        self, part: CoursePlan, instance: Instance, change: MethodChange, number: int
    ) -> CoursePlan:
        """What happens to the instance itself, first; a deletion last."""
        shuts = change.shuts
        of_method = Batch(
            action=change.action,
            course=instance.course,
            reason=change.reason,
            enrol=max(instance.enrol, 0),
            # whom it shuts out, for the guards
            users=sorted(State.of(self._scopes[instance.enrol]).active) if shuts else [],
            held=tuple(sorted(part.active)) if shuts else (),
            feeds=(number,),
        )
        named = self.relinker.relinking.groups if self.relinker else {}
        batches = [
            msgspec.structs.replace(b, group=0, group_name=named[b.group]) if b.group in named else b
            for b in part.batches
        ]
        last = change.action is Action.DELETE_METHOD
        return msgspec.structs.replace(
            part,
            batches=[*batches, of_method] if last else [of_method, *batches],
            columns=change.columns,
            was=change.was,
            cohort=change.cohort,
            group=change.group,
            owner=change.owner,
        )

    def _deleted(self, parts: Iterable[CoursePlan]) -> frozenset[int]:
        """Of those who would get something, whose account is deleted: they get nothing."""
        wanted = {u for p in parts for b in p.batches if b.action in GAINS for u in b.users}
        return frozenset(deleted_of(self.db, wanted))

    # -- the rules of a method -----------------------------------------------------------------------------
    def _settings(self, method: str) -> dict[str, str]:
        rows = self.db.query("plugin_config", plugin=f"enrol_{method}")
        return {str(n): str(v) for n, v in rows if v is not None}

    def _cohort_diff(self) -> Diff:
        action: Leavers = cohort.leaver_action(self._settings(cohort.METHOD).get("unenrolaction"))
        return lambda i, scope, deleted: cohort.diff_instance(
            i, scope, self._tomorrow.get(i.source, ""), action, deleted
        )

    @staticmethod
    def _meta_diff(of: meta.Parent, site_rules: meta.Rules, now: int) -> Diff:
        return lambda i, scope, deleted: meta.diff_instance(i, scope, of, site_rules, now, deleted)

    def _parent(self, course: int, will_be: Mapping[int, Scope], site_rules: meta.Rules) -> meta.Parent:
        known = self.catalogue.courses.get(course)
        if known is None:
            return meta.Parent(there=False)
        ways = self._ways.get(course, [])
        holders = dict(self._holders.get(known.context, {}))
        changed = [w for w in ways if will_be[w.enrol] is not self._scopes[w.enrol]]
        for way in changed:
            giver = component(way.method)
            holders = {k: t for k, t in holders.items() if k[:2] != (giver, way.enrol)}
            holders |= {(giver, way.enrol, r): text for r, text in will_be[way.enrol].roles.items()}
        if gone := self._left_for_good(ways, changed, will_be):
            holders = {k: join_ids([u for u in parse_ids(t) if u not in gone]) for k, t in holders.items()}
        found = [meta.Way(w.method, self._enabled(w), will_be[w.enrol]) for w in ways]
        if born := self._born.get(course):
            found.append(born)
            holders |= {(component(born.method), 0, r): text for r, text in born.scope.roles.items()}
        return meta.parent(
            found,
            holders,
            self.catalogue.plugins_enabled,
            site_rules,
        )

    def _left_for_good(
        self, ways: Sequence[WayIn], changed: Sequence[WayIn], will_be: Mapping[int, Scope]
    ) -> set[int]:
        """Whom this plan takes the last enrolment in a course: with that goes every role there."""
        gone = {u for w in changed for u in _enrolled(self._scopes[w.enrol]) - _enrolled(will_be[w.enrol])}
        for way in ways if gone else ():
            gone -= _enrolled(will_be[way.enrol])
        return gone

    def _name(self, instance: Instance) -> str:
        new = (
            {i: name for name, i in self.relinker.new_cohorts.items()}
            if instance.source < 0 and self.relinker
            else {}
        )
        followed = Followed(instance.course, instance.method, instance.source)
        return method_name(followed, self.catalogue.courses, new or self._names)


def _enrolled(scope: Scope) -> set[int]:
    return set(parse_ids(scope.active)).union(
        parse_ids(scope.suspended), *map(parse_ids, scope.timed.values())
    )
