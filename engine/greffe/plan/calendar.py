"""The calendar's windows: days on which nothing changes, and days on which nobody loses anything.

A window takes its changes out of the plan before the guards judge it: what is not going to be made is no reason to stop
what is. The next night outside the window plans it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import msgspec

from greffe.config.calendar import Calendar
from greffe.model import Reason
from greffe.plan.cohorts import CohortPlan
from greffe.plan.plan import Plan, digest, is_loss


@dataclass(frozen=True, slots=True)
class Season:
    """The window that is open today."""

    kind: str
    """blackout, add-only."""
    until: date


def season_of(calendar: Calendar, today: date) -> Season | None:
    """The strictest window that today is in, and its last day; of several alike the one that lasts longest."""
    for kind, windows in (("blackout", calendar.blackout), ("add-only", calendar.add_only)):
        if days := [day for w in windows if (day := w.until(today)) is not None]:
            return Season(kind, max(days))
    return None


def restrict(plan: Plan, season: Season) -> tuple[Plan, dict[str, int]]:
    """(the part of a plan that may be made in the season, action → what is left for later)."""
    if season.kind == "blackout":
        rest = msgspec.structs.replace(plan, cohorts=[], courses=[])
    else:
        kept = [msgspec.structs.replace(c, batches=c.without_losses(plan.made)) for c in plan.courses]
        cohorts = [
            msgspec.structs.replace(
                c,
                batches=[
                    b for b in c.batches if not is_loss(b, plan.made) and b.reason is not Reason.NOT_NAMED
                ],
            )
            for c in plan.cohorts
        ]
        rest = msgspec.structs.replace(
            plan, cohorts=[c for c in cohorts if c.batches], courses=[c for c in kept if c.batches]
        )
    before, after = plan.counts(), rest.counts()
    later = {action: n - after.get(action, 0) for action, n in before.items() if n > after.get(action, 0)}
    return msgspec.structs.replace(rest, digest=digest(rest)), later


def to_follow(plan: Plan, season: Season | None) -> list[CohortPlan]:
    """The layer of cohorts as links see it. While nothing at all is made, a link to a cohort that is only to be made is not
    in error: it waits with it."""
    if season is None or season.kind == "blackout":
        return plan.cohorts
    return restrict(plan, season)[0].cohorts
