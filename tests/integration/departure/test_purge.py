"""Suspended first, unenrolled later."""

from __future__ import annotations

import pytest

from greffe.commands.plan import plan
from greffe.errors import Exit
from tests.integration.classes import leave_traces, lost, whole_site
from tests.integration.departure.leavers import (
    AROUND,
    deliver,
    everybody,
    remaining,
    without,
)
from tests.integration.nights import Nights


def age(nights: Nights, days: int) -> None:
    """So many days pass for everybody who is suspended."""
    nights.site.execute(
        "UPDATE {user_enrolments} SET timemodified = timemodified - %s WHERE status = 1", days * 86400
    )


@pytest.mark.parametrize("leavers", ["suspend", "suspend-no-roles"])
def test_suspended_first_unenrolled_later(nights: Nights, leavers: str) -> None:
    nights.rules[0] |= {"leavers": leavers, "purge": {"after": "90d"}}
    ids, classes = everybody(nights, 8, 2)
    leave_traces(nights, classes, ids[:3], grades=True)
    leave_traces(nights, classes, ids[3:6], grades=False)
    deliver(nights, [("u6", "C0"), ("u7", "C1")])
    first = nights.night()
    assert first.counts["suspend"] == 14
    assert "unenrol" not in first.counts
    assert plan(nights.config()).plan.size == 0
    age(nights, 89)
    assert plan(nights.config()).plan.size == 0
    # one comes back in time
    deliver(nights, [("u6", "C0"), ("u7", "C1"), ("u4", "C0")])
    assert nights.night().counts["reactivate"] == 1
    age(nights, 2)
    proposed = plan(nights.config())
    assert proposed.plan.counts() == {"unenrol": 7}
    assert proposed.graded == 6
    before = whole_site(nights)
    result = nights.night()
    assert (result.exit, result.counts["unenrol"]) == (Exit.DONE, 7)
    after = whole_site(nights)
    gone = lost(before, classes[:1], [ids[3], ids[5], ids[7]])
    for table, found in lost(before, classes[1:], [ids[3], ids[4], ids[5], ids[6]]).items():
        gone[table] |= found
    assert without(after, *AROUND) == without(remaining(before, gone), *AROUND)
    assert plan(nights.config()).plan.size == 0
    nights.rules[0]["purge"] = {"after": "90d", "with_grades": True}
    assert plan(nights.config()).plan.counts() == {"unenrol": 6}


def test_a_bad_feed_purges_nobody(nights: Nights) -> None:
    nights.rules[0] |= {"leavers": "suspend-no-roles", "purge": {"after": "1d"}}
    everybody(nights, 4, 1)
    deliver(nights, [("u0", "C0")])
    nights.night()
    age(nights, 2)
    assert plan(nights.config()).plan.counts() == {"unenrol": 3}
    nights.feeds["ip"]["min_rows"] = 5
    assert plan(nights.config()).plan.size == 0


def test_the_guards_count_people_once_and_purges_by_number(nights: Nights) -> None:
    nights.rules[0] |= {"leavers": "suspend", "purge": {"after": "1d"}}
    nights.more["guards"] = {"feed": {"at_most": 20}, "scope": {"removals": "none", "suspensions": "none"}}
    ids, classes = everybody(nights, 40, 1)
    leave_traces(nights, classes, ids, grades=False)
    deliver(nights, ((f"u{n}", "C0") for n in range(20, 40)))
    assert nights.night().exit is Exit.DONE
    age(nights, 2)
    # twenty of twenty who are there, each with a dozen rows: neither everybody nor more than twenty
    judged = plan(nights.config())
    assert judged.plan.counts() == {"unenrol": 20}
    assert judged.judgement.verdicts == []
    nights.more["guards"]["feed"]["at_most"] = 19
    (verdict,) = plan(nights.config()).judgement.verdicts
    assert (verdict.level, verdict.kind, verdict.value) == ("feed", "at-most", 20)
    assert nights.night().exit is Exit.HELD
