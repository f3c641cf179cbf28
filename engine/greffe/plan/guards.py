"""The guards: how much may change in one night, judged on the complete plan before the first write.

Two levels (safety.md): a course beyond its limit has its losses held and the night goes on; a feed beyond its limit
holds the run. A normal small class must not trip: every share has a floor in people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from greffe.config import FeedLimits, Guards, ScopeLimits, share
from greffe.model import Action, Batch
from greffe.plan.plan import CoursePlan, Plan, is_loss

_KINDS: dict[str, frozenset[Action]] = {
    "additions": frozenset({Action.ENROL, Action.REACTIVATE, Action.ASSIGN_ROLE}),
    "changes": frozenset({Action.SET_TIMES, Action.JOIN_GROUP, Action.LEAVE_GROUP}),
    "suspensions": frozenset({Action.SUSPEND}),
}


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One limit that was reached."""

    level: str
    """``feed``: the run is held; ``course``: the course's losses are."""
    name: str
    kind: str
    """additions, changes, suspensions, removals, everybody, at-most, emptied."""
    value: int
    of: int
    limit: str
    course: int = 0

    def __str__(self) -> str:
        what = {"everybody": "everybody would leave", "emptied": "courses would be emptied"}.get(
            self.kind, self.kind.replace("at-most", "removals")
        )
        return f"{self.level} {self.name}: {self.value} of {self.of} {what}, limit {self.limit}"


class Judgement(msgspec.Struct, frozen=True):
    """What the guards say of a plan."""

    verdicts: list[Verdict]
    approved_by: str = ""

    @property
    def stops(self) -> bool:
        """Whether the whole run is held."""
        return not self.approved_by and any(v.level == "feed" for v in self.verdicts)

    @property
    def held_courses(self) -> frozenset[int]:
        """Courses whose losses are held."""
        return frozenset() if self.approved_by else frozenset(v.course for v in self.verdicts if v.course)


def judge(
    plan: Plan, active_of_feed: dict[str, int], courses_of_feed: dict[str, int], guards: Guards
) -> Judgement:
    """Hold the plan against every limit; all limits that are reached are listed.

    ``active_of_feed``: active role holders in the places that a feed answers for; ``courses_of_feed``: its courses.
    """
    verdicts: list[Verdict] = []
    losses: defaultdict[str, int] = defaultdict(int)
    emptied: defaultdict[str, int] = defaultdict(int)
    kinds: dict[str, defaultdict[str, int]] = {k: defaultdict(int) for k in _KINDS}
    for course in plan.courses:
        verdicts += _course(course, guards.scope)
        for number, name in enumerate(plan.feeds):
            mine = [b for b in course.batches if number in b.feeds]
            if not mine:
                continue
            lost = _people(b for b in mine if is_loss(b))
            losses[name] += len(lost)
            total = sum(course.active.get(r, 0) for r in {b.role for b in mine if b.role}) or _active(course)
            if len(lost) > guards.scope.everybody_above and len(lost) >= total and not _gained(mine):
                emptied[name] += 1
            for kind, actions in _KINDS.items():
                kinds[kind][name] += len(_people(b for b in mine if b.action in actions))
    for name in plan.feeds:
        verdicts += _feed(
            name,
            {k: v[name] for k, v in kinds.items()} | {"removals": losses[name]},
            emptied[name],
            active_of_feed.get(name, 0),
            courses_of_feed.get(name, 0),
            guards.feed,
        )
    return Judgement(verdicts)


def hold(plan: Plan, judgement: Judgement) -> Plan:
    """The plan without what the guards hold back."""
    if judgement.stops:
        return msgspec.structs.replace(plan, courses=[])
    held = judgement.held_courses
    courses = [
        msgspec.structs.replace(c, batches=[b for b in c.batches if not is_loss(b)])
        if c.course in held
        else c
        for c in plan.courses
    ]
    return msgspec.structs.replace(plan, courses=[c for c in courses if c.batches])


def _course(course: CoursePlan, limits: ScopeLimits) -> list[Verdict]:
    total = _active(course)
    counts = {k: len(_people(b for b in course.batches if b.action in a)) for k, a in _KINDS.items()}
    lost = counts["removals"] = len(_people(b for b in course.batches if is_loss(b)))
    found = []
    for kind, count in counts.items():
        limit = share(text := getattr(limits, kind))
        if limit is not None and count > limits.above and count > limit * total:
            found.append(_verdict("course", course, kind, count, total, f"{text} and {limits.above}"))
    if lost > limits.everybody_above and lost >= total and not _gained(course.batches):
        found.append(_verdict("course", course, "everybody", lost, total, f"{limits.everybody_above} people"))
    return found


def _verdict(level: str, course: CoursePlan, kind: str, value: int, of: int, limit: str) -> Verdict:
    return Verdict(
        level=level, name=course.name, kind=kind, value=value, of=of, limit=limit, course=course.course
    )


def _feed(
    name: str, counts: dict[str, int], emptied: int, active: int, courses: int, limits: FeedLimits
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
    if counts["removals"] > limits.at_most:
        found.append(
            Verdict(
                level="feed",
                name=name,
                kind="at-most",
                value=counts["removals"],
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
    return sum(course.active.values())


def _people(batches: Iterable[Batch]) -> set[int]:
    return {u for b in batches for u in b.users}


def _gained(batches: list[Batch]) -> bool:
    return any(b.action in _KINDS["additions"] for b in batches)
