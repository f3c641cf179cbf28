"""The guards on cohorts: the same limits as for courses, counted in members and judged apart from enrolments.

A feed that fills large courses and a few cohorts could lose all of the cohorts within ten percent of everything. What
happens to a cohort itself (a name, a place) takes nothing from anybody; additions are those who join.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from greffe.config.amounts import share
from greffe.config.guards import FeedLimits, Guards, ScopeLimits
from greffe.model import Action
from greffe.plan.cohorts import CohortPlan
from greffe.plan.plan import Plan
from greffe.plan.verdict import NO_FEED, Verdict


@dataclass(frozen=True, slots=True)
class CohortExtent:
    """How large what a feed answers for is before the night, by feed: shares are of this."""

    members: Mapping[str, int] = field(default_factory=dict)
    cohorts: Mapping[str, int] = field(default_factory=dict)


NO_COHORTS = CohortExtent()


def judge_cohorts(plan: Plan, extent: CohortExtent, guards: Guards) -> list[Verdict]:
    """Every limit that the plan's cohorts reach."""
    verdicts = [v for c in plan.cohorts for v in _cohort(c, guards.scope)]
    for number, name in enumerate(plan.feeds):
        mine = [c for c in plan.cohorts if any(number in b.feeds for b in c.batches)]
        members, cohorts = extent.members.get(name, 0), extent.cohorts.get(name, 0)
        verdicts += _feed(name, mine, members, cohorts, guards)
    orphans = [c for c in plan.cohorts if not any(b.feeds for b in c.batches)]
    verdicts += _feed(NO_FEED, orphans, sum(c.members for c in orphans), len(orphans), guards)
    return verdicts


def _cohort(cohort: CohortPlan, limits: ScopeLimits) -> list[Verdict]:
    found = []
    for kind, count in _counts([cohort]).items():
        limit = share(text := getattr(limits, kind))
        if limit is not None and count > limits.above and count > limit * cohort.members:
            found.append(_verdict(cohort, kind, count, f"{text} and {limits.above} members"))
    if _emptied(cohort, limits.everybody_above):
        leaving = _number(cohort, Action.LEAVE_COHORT)
        found.append(_verdict(cohort, "everybody", leaving, f"{limits.everybody_above} people"))
    return found


def _feed(name: str, mine: list[CohortPlan], members: int, cohorts: int, guards: Guards) -> list[Verdict]:
    limits: FeedLimits = guards.feed
    counts = _counts(mine)
    found = []
    for kind, count in counts.items():
        limit = share(text := getattr(limits, kind))
        if limit is not None and count > limits.above and count > limit * members:
            found.append((kind, count, members, f"{text} and {limits.above} members"))
    if counts["removals"] > limits.at_most:
        found.append(("at-most", counts["removals"], members, str(limits.at_most)))
    emptied = sum(_emptied(c, guards.scope.everybody_above) for c in mine)
    limit = share(limits.emptied)
    if limit is not None and emptied > limit * cohorts:
        found.append(("emptied", emptied, cohorts, limits.emptied))
    return [
        Verdict(level="feed", name=name, kind=f"member-{kind}", value=value, of=of, limit=text)
        for kind, value, of, text in found
    ]


def _counts(cohorts: Iterable[CohortPlan]) -> Counter[str]:
    counts = Counter({"additions": 0, "removals": 0})
    for cohort in cohorts:
        counts["additions"] += _number(cohort, Action.JOIN_COHORT)
        counts["removals"] += _number(cohort, Action.LEAVE_COHORT)
    return counts


def _emptied(cohort: CohortPlan, above: int) -> bool:
    """Whether everybody would leave, and few come in their place."""
    leaving, coming = _number(cohort, Action.LEAVE_COHORT), _number(cohort, Action.JOIN_COHORT)
    return leaving > above and leaving >= cohort.members and 2 * coming < leaving


def _number(cohort: CohortPlan, action: Action) -> int:
    return sum(len(b.users) for b in cohort.batches if b.action is action)


def _verdict(cohort: CohortPlan, kind: str, value: int, limit: str) -> Verdict:
    return Verdict(
        level="cohort",
        name=cohort.idnumber,
        kind=f"member-{kind}",
        value=value,
        of=cohort.members,
        limit=limit,
        cohort=cohort.idnumber,
    )
