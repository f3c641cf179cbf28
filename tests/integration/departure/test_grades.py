"""Who has grades is suspended instead, and what counts as a grade."""

from __future__ import annotations

import pytest

from greffe.commands.plan import plan
from greffe.errors import Exit
from greffe.model import Action
from tests.integration.classes import leave_traces, lost, whole_site
from tests.integration.departure.leavers import (
    AROUND,
    deliver,
    everybody,
    remaining,
    without,
)
from tests.integration.nights import Nights


def test_nobody_loses_grades_by_default(nights: Nights) -> None:
    ids, classes = everybody(nights, 12, 2)
    leave_traces(nights, classes, ids[:6], grades=False)
    leave_traces(nights, classes[:1], ids[6:9], grades=True)
    before = whole_site(nights)
    stays = [("u9", c.name) for c in classes]
    deliver(nights, [*stays, ("u10", "C0"), ("u11", "C0")])
    proposed = plan(nights.config())
    assert proposed.graded == 3
    reasons = {b.reason for c in proposed.plan.courses for b in c.batches if b.action is Action.SUSPEND}
    assert reasons == {"has-grades"}
    result = nights.night()
    assert result.exit is Exit.DONE
    after = whole_site(nights)
    assert result.counts["suspend"] == 3
    gone = lost(before, classes[:1], ids[:6])
    for table, found in lost(before, classes[1:], [*ids[:9], *ids[10:]]).items():
        gone[table] |= found
    changed = "user_enrolments"
    assert without(after, changed, *AROUND) == without(remaining(before, gone), changed, *AROUND)
    suspended = {r["userid"] for r in after[changed].values() if r["status"] == 1}
    assert suspended == set(ids[6:9])
    # they stay so, and nothing is to do any more
    again = plan(nights.config())
    assert (again.plan.size, again.graded) == (0, 3)


@pytest.mark.parametrize(
    ("column", "value", "kept"),
    [
        ("rawgrade", 0, True),
        ("finalgrade", 0, True),
        ("feedback", "Revoir le chapitre 2", True),
        ("feedback", "", False),
        ("overridden", 1_700_000_000, True),
        ("excluded", 1_700_000_000, True),
        ("locked", 1_700_000_000, True),
        ("hidden", 1, True),
        ("information", "made by a module", False),
        ("aggregationstatus", "novalue", False),
    ],
)
def test_what_a_grade_is(nights: Nights, column: str, value: object, kept: bool) -> None:
    ids, classes = everybody(nights, 3, 1)
    leave_traces(nights, classes, ids, grades=False)
    nights.site.execute(
        "UPDATE {grade_grades} SET " + column + " = %s WHERE userid = %s AND itemid = %s",
        value, ids[1], classes[0].items["quiz"],
    )  # fmt: skip
    deliver(nights, [("u0", "C0")])
    assert plan(nights.config()).graded == int(kept)
    assert nights.night().counts.get("suspend", 0) == int(kept)
