"""Random states and feeds on real databases: applying converges, touches only its own, and can be taken back."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from greffe.commands.plan import plan
from greffe.commands.undo import undo
from greffe.errors import Exit
from tests.integration.histories import (
    EXACT,
    Hand,
    feeds,
    foreign,
    hands,
    leaver_actions,
    nights,
    reset,
)
from tests.integration.nights import Nights

__all__ = ["nights"]


def state(nights: Nights) -> dict[str, Any]:
    return {"enrolments": nights.enrolments(), "roles": set(nights.roles()), "members": nights.members()}


def exact(nights: Nights) -> dict[str, Any]:
    return {t: nights.site.fetch("SELECT * FROM {" + t + "} ORDER BY id") for t in EXACT}


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a night takes too long to shrink for minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    hand=hands,
    days=st.lists(feeds, min_size=1, max_size=3),
    leavers=leaver_actions,
    with_grades=st.booleans(),
)
def test_nights_converge_and_can_be_taken_back(
    nights: Nights,
    hand: Hand,
    days: list[list[tuple[str, str, str, str]]],
    leavers: str,
    with_grades: bool,
) -> None:
    reset(nights, hand)
    nights.rules[0]["leavers"] = leavers
    nights.rules[0].pop("purge", None)
    if leavers == "unenrol":
        nights.rules[0]["purge"] = {"with_grades": with_grades}
    others = foreign(nights)
    history: list[tuple[int, dict[str, Any]]] = []
    owned: set[str] = set()
    with tempfile.TemporaryDirectory() as directory:
        nights.directory = Path(directory)
        for day in days:
            before = exact(nights)
            nights.feed("ip", "who;course;role;td", [";".join(row) for row in day])
            result = nights.night()
            history.append((result.run, before))
            assert result.exit is Exit.DONE
            now = state(nights)
            wanted = {(course, person) for person, course, _, _ in day}
            assert wanted <= {place for place, row in now["enrolments"].items() if row[0] == 0}
            assert {(c, p, r) for p, c, r, _ in day} <= now["roles"]
            owned |= {course for _, course, _, _ in day}
            ours = [place for place in nights.roles() if place[0] in owned]
            assert len(ours) == len(set(ours))
            assert plan(nights.config()).plan.size == 0
            assert foreign(nights) == others
    after = exact(nights)
    backwards = []
    for run, before in reversed(history):
        done = undo(nights.config(), run)
        assert done.result is not None
        assert done.refused == []
        assert exact(nights) == before
        backwards.append(done.result.run)
    assert foreign(nights) == others
    # and what was taken back can be taken back
    for run in reversed(backwards):
        assert undo(nights.config(), run).refused == []
    assert exact(nights) == after
    assert foreign(nights) == others
