"""The plan of methods that follow something: cohort instances first, then meta children from their parents as these will
be when the cohort part is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from greffe.apply.transaction import Refused
from greffe.commands._deleted import deleted_of
from greffe.commands._departing import Departing
from greffe.commands._following.followed import FollowedState
from greffe.commands._following.instancepart import change_of, part_of
from greffe.commands._following.parents import Parents
from greffe.commands._following.relinker import Relinker
from greffe.methods import cohort, meta
from greffe.methods.following import Instance, InstanceDiff, after
from greffe.methods.scope import Scope, join_ids, parse_ids
from greffe.methods.sharing import SharedGroups
from greffe.model import Action, Batch, Leavers
from greffe.moodle.catalogue import Catalogue
from greffe.moodle.database import Database
from greffe.plan.cohorts import CohortPlan
from greffe.plan.plan import GAINS, CoursePlan, Place
from greffe.rules.words import count

METHODS = (cohort.METHOD, meta.METHOD)
"""In the order in which one can follow from the other."""
Diff = Callable[[Instance, Scope, frozenset[int]], InstanceDiff]


class Following:
    """Compares instances of ``cohort`` and ``meta`` with what they follow. Reads once; plans as often as asked."""

    def __init__(
        self,
        db: Database,
        catalogue: Catalogue,
        methods: Sequence[str],
        *,
        course: int | None = None,
        only: Callable[[Instance], bool] = lambda _: True,
        relinker: Relinker | None = None,
    ) -> None:
        """``course``: only the methods of this course; ``only``: which instances may be touched."""
        self.db, self.catalogue, self.methods, self.relinker = db, catalogue, methods, relinker
        self.gains_only = False
        """Whether the calendar lets nobody lose anything: children follow parents that are left as they are."""
        self.people: dict[str, int] = {}
        """Method → active people in its instances."""
        self.graded = 0
        """People whom the plan unenrols and whose grades go with that."""
        self._state = FollowedState(db, catalogue, lambda i: course in (None, i.course) and only(i), relinker)
        self._tomorrow: Mapping[int, str] = {}
        """Cohort → its members as the layer before will leave them."""

    def read(self) -> None:
        """Everything that the plan rests on, in the transaction that is open."""
        self._state.read(self.methods)
        self._tomorrow = self._state.members

    def look(self) -> None:
        """Find what is refused, without reading anybody's enrolment; instead of ``read``."""
        self._state.look(self.methods)

    @property
    def refused(self) -> list[Refused]:
        """Circles."""
        return self._state.refused

    @property
    def kept_for_grades(self) -> set[int]:
        """Instances that are switched off rather than deleted."""
        return self._state.kept_for_grades

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
        tomorrow = dict(self._state.members)
        new = self.relinker.new_cohorts if self.relinker else {}
        for part in cohorts:
            allowed = part.without_losses() if part.idnumber in held else part
            number = part.cohort or new.get(part.idnumber, 0)
            if allowed is None or not number:
                continue  # nothing follows it
            people = set(parse_ids(self._state.members.get(number, "")))
            for batch in allowed.batches:
                if batch.action is Action.JOIN_COHORT:
                    people.update(batch.users)
                elif batch.action is Action.LEAVE_COHORT:
                    people.difference_update(batch.users)
                elif batch.action is Action.DELETE_COHORT:
                    people.clear()
            tomorrow[number] = join_ids(sorted(people))
        self._tomorrow = tomorrow

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
        return dict(zip(self.feeds, (len(self._state.instances[m]) for m in self.methods), strict=True))

    def parts(
        self, now: int, held: frozenset[Place], earlier: Sequence[CoursePlan] = (), first: int = 0
    ) -> list[CoursePlan]:
        """The parts of the plan, by course. ``held``: where guards hold what people would lose, so that nothing may follow
        from that; ``earlier``: parts of the layer before, on which children may stand; ``first``: the number of the first
        of ``feeds`` in the whole plan."""
        parts: list[CoursePlan] = []
        scopes, instances_of = self._state.scopes, self._state.instances
        will_be = dict(scopes)
        born: dict[int, meta.Way] = {}

        def made(part: CoursePlan) -> list[Batch]:
            return part.without_losses(now) if self.gains_only or part.place in held else part.batches

        for part in earlier:
            if part.enrol in will_be:
                will_be[part.enrol] = after(scopes[part.enrol], made(part))
            elif not part.enrol:
                born[part.course] = meta.Way(part.method, True, after(Scope(part.course, 0), made(part)))
        parents = Parents(self._state, self.catalogue, self.relinker, held, born, gains_only=self.gains_only)

        def layer(
            number: int, method: str, deleted: frozenset[int]
        ) -> tuple[list[CoursePlan], dict[int, Scope]]:
            found, then = [], dict(will_be)
            self.people[method] = 0
            shared.joined = dict(joined_before)
            news = False
            for instances, diff in self._steps(method, then, now, parents):
                for instance in instances:
                    scope = scopes[instance.enrol]
                    changes = diff(instance, shared.seen_by(instance, scope), deleted)
                    self.people[method] += changes.people
                    if changes.batches or change_of(instance, self.relinker):
                        part = part_of(
                            instance, scope, changes, self.relinker,
                            name=self._state.name(instance), number=number,
                        )  # fmt: skip
                        found.append(part)
                        then[instance.enrol] = after(scope, made(part))
                        news = shared.note(scope, _allowed(changes.batches, part, made(part))) or news
            return layer(number, method, deleted) if news else (found, then)

        shared = SharedGroups.of((i for m in self.methods for i in instances_of[m]), scopes)
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

    def _steps(
        self, method: str, then: Mapping[int, Scope], now: int, parents: Parents
    ) -> Iterator[tuple[Sequence[Instance], Diff]]:
        """Instances with their rule, parents before their children; ``then`` fills while they are walked."""
        found = self._state.instances[method]
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
                    _meta_diff(parents.of(course, then, site_rules), site_rules, now),
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
        members = self._tomorrow
        return lambda i, scope, deleted: cohort.diff_instance(
            i, scope, members.get(i.source, ""), action, deleted
        )


def _meta_diff(of: meta.Parent, site_rules: meta.Rules, now: int) -> Diff:
    return lambda i, scope, deleted: meta.diff_instance(i, scope, of, site_rules, now, deleted)


def _allowed(batches: Sequence[Batch], part: CoursePlan, made: Sequence[Batch]) -> Sequence[Batch]:
    """An instance's own batches, as far as the guards let its part be made."""
    return batches if len(made) == len(part.batches) else made
