"""The guards: how much may change in one night, judged on the complete plan before the first write.

Two levels (safety.md): a course beyond its limit has its losses held and the night goes on; a feed beyond its limit
holds the run. A normal small class must not trip: every share has a floor in people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from greffe.config.amounts import share
from greffe.config.guards import FeedLimits, Guards, ScopeLimits
from greffe.model import Action, Batch, Reason
from greffe.plan.cohort_guards import NO_COHORTS, CohortExtent, judge_cohorts
from greffe.plan.plan import CoursePlan, Place, Plan, digest, is_loss
from greffe.plan.verdict import NO_FEED, Verdict

_KINDS: dict[str, frozenset[Action]] = {
    "additions": frozenset({Action.ENROL, Action.REACTIVATE, Action.ASSIGN_ROLE}),
    "changes": frozenset({Action.SET_TIMES, Action.JOIN_GROUP, Action.LEAVE_GROUP}),
    "suspensions": frozenset({Action.SUSPEND}),
}


class Judgement(msgspec.Struct, frozen=True):
    """What the guards say of a plan."""

    verdicts: list[Verdict]
    approved_by: str = ""
    digest: str = ""
    """Names what is held back; an approval is for this and nothing else. '': nothing is."""

    @property
    def stops(self) -> bool:
        """Whether the whole run is held."""
        return not self.approved_by and any(v.level == "feed" for v in self.verdicts)

    @property
    def reached_places(self) -> frozenset[Place]:
        """Courses and their methods that are beyond a limit, whether somebody approved that or not."""
        return frozenset((v.course, v.enrol) for v in self.verdicts if v.course)

    @property
    def held_places(self) -> frozenset[Place]:
        """Those of them whose losses are held."""
        return frozenset() if self.approved_by else self.reached_places

    @property
    def reached_cohorts(self) -> frozenset[str]:
        """Idnumbers of the cohorts that are beyond a limit."""
        return frozenset(v.cohort for v in self.verdicts if v.level == "cohort")

    @property
    def held_cohorts(self) -> frozenset[str]:
        """Idnumbers of the cohorts whose losses are held."""
        return frozenset() if self.approved_by else self.reached_cohorts

    @property
    def holds_places(self) -> bool:
        """Whether the losses of some course or cohort are held."""
        return bool(self.held_places or self.held_cohorts)


def judge(
    plan: Plan,
    active_of_feed: dict[str, int],
    courses_of_feed: dict[str, int],
    guards: Guards,
    cohorts: CohortExtent = NO_COHORTS,
) -> Judgement:
    """Hold the plan against every limit, layer by layer; all limits that are reached are listed.

    ``active_of_feed``: active role holders in the places that a feed answers for; ``courses_of_feed``: its courses.
    """
    verdicts = judge_cohorts(plan, cohorts, guards)
    counts: dict[str, Counter[str]] = {name: Counter() for name in plan.feeds}
    emptied: Counter[str] = Counter()
    orphans: Counter[str] = Counter()
    purged: Counter[str] = Counter()
    for course in plan.courses:
        verdicts += _course(course, guards.scope, plan.made)
        for number, name in enumerate(plan.feeds):
            if mine := [b for b in course.batches if number in b.feeds]:
                counts[name] += _counts(mine, plan.made)
                purged[name] += len(_people(b for b in mine if b.reason is Reason.PURGED))
                emptied[name] += _everybody(course, mine, guards.scope.everybody_above, plan.made) is not None
        nobodys = [b for b in course.batches if not b.feeds and is_loss(b, plan.made)]
        orphans += _counts(nobodys, plan.made)
    for name in plan.feeds:
        active, courses = active_of_feed.get(name, 0), courses_of_feed.get(name, 0)
        verdicts += _feed(name, counts[name], purged[name], emptied[name], active, courses, guards.feed)
    verdicts += _feed(NO_FEED, orphans, 0, 0, orphans["removals"], 0, guards.feed)
    return Judgement(verdicts)


def held_back(plan: Plan, judgement: Judgement) -> Plan:
    """What the guards hold back, as a plan with a digest of its own: this is what an operator can let pass."""
    if any(v.level == "feed" for v in judgement.verdicts):
        return plan
    held = judgement.reached_places
    of_cohorts = judgement.reached_cohorts
    cohorts = [
        part for c in plan.cohorts if c.idnumber in of_cohorts and (part := c.only_losses()) is not None
    ]
    courses = [
        msgspec.structs.replace(c, batches=c.only_losses(plan.made)) for c in plan.courses if c.place in held
    ]
    rest = msgspec.structs.replace(plan, cohorts=cohorts, courses=courses)
    return msgspec.structs.replace(rest, digest=digest(rest))


def hold(plan: Plan, judgement: Judgement) -> Plan:
    """The plan without what the guards hold back."""
    if judgement.stops:
        return msgspec.structs.replace(plan, cohorts=[], courses=[])
    cohorts = [
        part
        for c in plan.cohorts
        if (part := c.without_losses() if c.idnumber in judgement.held_cohorts else c) is not None
    ]
    held = judgement.held_places
    courses = [
        msgspec.structs.replace(c, batches=c.without_losses(plan.made)) if c.place in held else c
        for c in plan.courses
    ]
    return msgspec.structs.replace(plan, cohorts=cohorts, courses=[c for c in courses if c.batches])


def _course(course: CoursePlan, limits: ScopeLimits, made: int) -> list[Verdict]:
    total = _active(course)
    found = []
    for kind, count in _counts(course.batches, made).items():
        limit = share(text := getattr(limits, kind))
        if limit is not None and count > limits.above and count > limit * total:
            found.append(_verdict("course", course, kind, count, total, f"{text} and {limits.above}"))
    if everybody := _everybody(course, course.batches, limits.everybody_above, made):
        found.append(_verdict("course", course, "everybody", *everybody, f"{limits.everybody_above} people"))
    return found


def _counts(batches: Sequence[Batch], made: int) -> Counter[str]:
    counts = Counter({k: len(_people(b for b in batches if b.action in a)) for k, a in _KINDS.items()})
    counts["removals"] = len(_losing(batches, made))
    return counts


def _everybody(course: CoursePlan, batches: Sequence[Batch], above: int, made: int) -> tuple[int, int] | None:
    """(people who leave, people there) where everybody would, or everybody who holds one of the roles, and few come
    in their place: the students of a class are everybody although their teacher stays."""
    losses = _losses(batches, made)
    come = len(_people(b for b in batches if b.action in _KINDS["additions"]))
    groups = [(len(_losing(batches, made)), _active(course))]
    for role, active in course.active.items():
        groups.append((len(_people(b for b in losses if role == b.role or role in b.held)), active))
    return next(((n, of) for n, of in groups if n > above and n >= of and 2 * come < n), None)


def _losing(batches: Sequence[Batch], made: int) -> set[int]:
    """Who loses something. Whoever changes from one group to another does not."""
    join = _people(b for b in batches if b.action is Action.JOIN_GROUP)
    moved = (Action.LEAVE_GROUP, Action.LEAVE_CONVERSATION)
    lost = _people(b for b in _losses(batches, made) if b.action not in moved)
    return lost | (_people(b for b in batches if b.action in moved) - join)


def _losses(batches: Iterable[Batch], made: int) -> list[Batch]:
    """What is judged as a share of those who are there: who is purged was shut out, and judged, when he was suspended."""
    return [b for b in batches if is_loss(b, made) and b.reason is not Reason.PURGED]


def _verdict(level: str, course: CoursePlan, kind: str, value: int, of: int, limit: str) -> Verdict:
    return Verdict(
        level=level,
        name=course.name,
        kind=kind,
        value=value,
        of=of,
        limit=limit,
        course=course.course,
        enrol=course.enrol,
    )


def _feed(
    name: str,
    counts: Mapping[str, int],
    purged: int,
    emptied: int,
    active: int,
    courses: int,
    limits: FeedLimits,
) -> list[Verdict]:
    found = []
    for kind, count in counts.items():
        limit = share(text := getattr(limits, kind))
        if limit is not None and count > limits.above and count > limit * active:
            found.append(
                Verdict(
                    level="feed",
                    name=name,
                    kind=kind,
                    value=count,
                    of=active,
                    limit=f"{text} and {limits.above}",
                )
            )
    if counts["removals"] + purged > limits.at_most:
        found.append(
            Verdict(
                level="feed",
                name=name,
                kind="at-most",
                value=counts["removals"] + purged,
                of=active,
                limit=str(limits.at_most),
            )
        )
    limit = share(limits.emptied)
    if limit is not None and emptied > limit * courses:
        found.append(
            Verdict(level="feed", name=name, kind="emptied", value=emptied, of=courses, limit=limits.emptied)
        )
    return found


def _active(course: CoursePlan) -> int:
    return course.people or sum(course.active.values())


def _people(batches: Iterable[Batch]) -> set[int]:
    return {u for b in batches for u in b.users}
