"""What the last days came to, from the runs of the journal."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from greffe.apply.journal import RunRecord
from greffe.model import Action

DAY = 86400
_GROUPS = {
    "added": (Action.ENROL, Action.REACTIVATE),
    "taken": (Action.SUSPEND, Action.UNENROL),
    "joined": (Action.JOIN_COHORT,),
    "left": (Action.LEAVE_COHORT,),
}

_LEFT = {"refused": "refused", "courses-held": "places", "cohorts-held": "places"}
"""Reason of a good night → what it left."""


class Night(msgspec.Struct, frozen=True, kw_only=True):
    """One of them."""

    run: int
    started: int
    state: str
    """As in the journal; of a good night also what it left: refused, places (of them some are held)."""
    changes: int


class FeedWeek(msgspec.Struct, frozen=True, kw_only=True):
    """One feed over the days."""

    name: str
    nights: int
    """In how many nights it was read…"""
    bad: int
    """…and in how many it was bad."""
    rows: int
    """The last time."""


class Week(msgspec.Struct, frozen=True, kw_only=True):
    """Nights from the first to the last, and what they changed."""

    days: int
    nights: list[Night]
    good: int
    changes: dict[str, int]
    """added, taken, joined, left, other → how many."""
    feeds: list[FeedWeek]
    waiting: int


def week_of(runs: Sequence[RunRecord], waiting: int, days: int) -> Week:
    """Of nights in the order in which they began."""
    changes = dict.fromkeys((*_GROUPS, "other"), 0)
    of = {action.value: group for group, actions in _GROUPS.items() for action in actions}
    feeds: dict[str, FeedWeek] = {}
    for run in runs:
        for action, amount in run.counts.items():
            changes[of.get(action, "other")] += amount
        for one in run.feeds:
            before = feeds.get(one.feed)
            feeds[one.feed] = FeedWeek(
                name=one.feed,
                nights=(before.nights if before else 0) + 1,
                bad=(before.bad if before else 0) + bool(one.problems),
                rows=one.rows,
            )
    return Week(
        days=days,
        nights=[
            Night(run=r.id, started=r.started, state=_LEFT.get(r.reason, r.state), changes=r.changes)
            for r in runs
        ],
        good=sum(r.state == "done" for r in runs),
        changes=changes,
        feeds=[feeds[name] for name in sorted(feeds)],
        waiting=waiting,
    )
