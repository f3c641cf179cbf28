"""Random states and feeds as in the property test of the nights, with nights that are killed or cut off."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from greffe.commands.plan import plan
from greffe.errors import Exit
from tests.faults.child import Fault, night
from tests.faults.tally import Tally
from tests.integration.histories import Hand, feeds, foreign, hands, leaver_actions, nights, reset
from tests.integration.nights import Nights

__all__ = ["nights"]

faults = st.builds(Fault, kind=st.sampled_from(["kill", "cut"]), statement=st.integers(1, 40))


@dataclass(frozen=True)
class Day:
    """What the feed says, what happens to the night, and whether that night is run again before the next day."""

    rows: list[tuple[str, str, str, str]]
    fault: Fault | None
    again: bool


days = st.builds(Day, rows=feeds, fault=st.none() | faults, again=st.booleans())


bounded = settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a night takes too long to shrink for minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
histories = given(hand=hands, history=st.lists(days, min_size=1, max_size=4), leavers=leaver_actions)


@bounded
@histories
def test_nights_converge_whatever_happens_to_them(
    nights: Nights, tally: Tally, hand: Hand, history: list[Day], leavers: str
) -> None:
    _live_through(nights, tally, hand, history, leavers)


@pytest.mark.long
@settings(bounded, max_examples=80)
@histories
def test_many_nights_converge_whatever_happens_to_them(
    nights: Nights, tally: Tally, hand: Hand, history: list[Day], leavers: str
) -> None:
    _live_through(nights, tally, hand, history, leavers)


def _live_through(nights: Nights, tally: Tally, hand: Hand, history: list[Day], leavers: str) -> None:
    """Where every disturbed night is run again, each day ends as it does when nothing happens."""
    count = tally.of("history with faults", nights.site.engine)
    nights.rules[0]["leavers"] = leavers
    nights.more["moodle"] = {"transaction_rows": 4}
    with tempfile.TemporaryDirectory() as directory:
        nights.directory = Path(directory)
        reset(nights, hand)
        undisturbed = [_quiet(nights, day) for day in history]
        reset(nights, hand)
        others = foreign(nights)
        patient = True
        for day, expected in zip(history, undisturbed, strict=True):
            _deliver(nights, day)
            happened = day.fault is not None and _disturbed(nights, day.fault)
            if day.fault:
                count.tried += 1
                count.hits[day.fault.kind if happened else "too late"] += 1
            if happened and not day.again:
                patient = False  # the next day's night finds a half-done one
                assert foreign(nights) == others
                continue
            state = _quiet(nights, day)
            _holds(nights, day)
            assert foreign(nights) == others
            count.compared += 1
            if patient:
                count.differences += state != expected
                assert state == expected
        _quiet(nights, history[-1])
        _holds(nights, history[-1])
        assert _told_once(nights)


def _deliver(nights: Nights, day: Day) -> None:
    nights.feed("ip", "who;course;role;td", [";".join(row) for row in day.rows])


def _quiet(nights: Nights, day: Day) -> Any:
    """A night to which nothing happens; what there is then, each row as often as it is there."""
    _deliver(nights, day)
    assert nights.night().exit in (Exit.DONE, Exit.REFUSED)
    return nights.enrolments(), nights.roles(), nights.members()


def _disturbed(nights: Nights, fault: Fault) -> bool:
    """Whether it happened before the night was over."""
    with night(nights, fault) as child:
        code = child.wait()
    if fault.kind == "kill" and code < 0:
        return True
    assert code in (Exit.DONE, Exit.REFUSED, Exit.DATABASE, Exit.NOT_READY), child.word
    return code in (Exit.DATABASE, Exit.NOT_READY)


def _holds(nights: Nights, day: Day) -> None:
    """What the feed says is so, nothing of it twice, and nothing is left to do."""
    enrolments, roles = nights.enrolments(), nights.roles()
    assert {(c, p) for p, c, _, _ in day.rows} <= {place for place, row in enrolments.items() if row[0] == 0}
    assert {(c, p, r) for p, c, r, _ in day.rows} <= set(roles)
    reached = {course for _, course, _, _ in day.rows}
    assert all(n == 1 for place, n in Counter(roles).items() if place[0] in reached)
    assert plan(nights.config()).plan.size == 0


def _told_once(nights: Nights) -> bool:
    """No row of the journal tells of a birth or a death that another one tells of too."""
    told = nights.site.fetch(
        "SELECT action, objectid FROM {local_greffe_change} WHERE action IN ('enrol', 'assign-role', 'join-group',"
        " 'unenrol', 'remove-role', 'leave-group', 'create-group', 'create-method')"
    )
    return all(n == 1 for n in Counter((r["action"], r["objectid"]) for r in told).values())
