"""Methods that rules make, change, switch and delete: with the relay Moodle's log holds what its own pages and tasks write."""

from __future__ import annotations

import pytest

from tests.moodle.following.sides import PHP as TASKS
from tests.moodle.following.sides import Campus
from tests.moodle.links import greffe_plays, moodle_plays, prepare
from tests.moodle.logs import Logged
from tests.moodle.site import Sites
from tests.moodle.state import minus
from tests.moodle.tree import VERSIONS
from tests.plugin.relay.relaying import RELAY, outcomes

THERE_AND_BACK = [
    ("role_assigned", "c", "CHILD"),
    ("role_assigned", "d", "CHILD"),
    ("role_unassigned", "c", "CHILD"),
    ("role_unassigned", "d", "CHILD"),
]
"""On the last evening Moodle switches the link on while the parent still has those who have left the cohort: its next task takes
them out again. By Greffe they are never let in."""


@pytest.mark.moodle
@pytest.mark.parametrize("version", VERSIONS)
def test_the_same_log(version: str, plugged: Sites) -> None:
    site = plugged(version)
    site.reset()
    with site.database() as database:
        theirs = Logged(database)
        moodle_plays(site, database, theirs.night)
    site.reset()
    with site.database() as database:
        prepare(Campus(site, database))
        ours = Logged(database)
        greffe_plays(database, lambda: site.php(TASKS, RELAY), ours.night)
        assert not {key for key in outcomes(database) if key[1] not in ("told", "quiet")}
    for number, (moodle, greffe) in enumerate(zip(theirs.nights, ours.nights, strict=True)):
        assert minus(greffe, moodle) == []
        more = [
            (str(row["eventname"]).rpartition("\\")[2], row["related"], row["course"])
            for row in minus(moodle, greffe)
        ]
        assert sorted(more) == (THERE_AND_BACK if number == 3 else [])
