"""Cohort nights that are killed in the middle: no cohort is nobody's, and the next night finishes."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from greffe.commands.plan import plan
from greffe.commands.undo import undo
from greffe.errors import Exit
from tests.faults.child import night
from tests.integration.nights import NO_GUARDS, Nights
from tests.lab.site import MoodleSite

PEOPLE, COHORTS, KILLS = 60, 25, 8


@pytest.fixture
def nights(moodle_site: MoodleSite, tmp_path: Path) -> Nights:
    moodle_site.add_users([{"username": f"u{n}", "idnumber": f"u{n}"} for n in range(PEOPLE)])
    nights = Nights(moodle_site, tmp_path)
    nights.more = {"guards": NO_GUARDS, "moodle": {"transaction_rows": 25}}
    nights.cohort("ia")
    nights.feed("ia", "who;cohort", [f"u{n};C{c:02}" for c in range(COHORTS) for n in range(PEOPLE)])
    return nights


def count(nights: Nights, table: str) -> int:
    try:
        return int(nights.site.fetch("SELECT COUNT(*) AS n FROM {" + table + "}")[0]["n"])
    except Exception:  # Greffe's tables are not there yet
        return 0


def test_a_run_killed_anywhere_leaves_no_cohort_behind_and_the_next_one_finishes(nights: Nights) -> None:
    chance, killed = random.Random(11), 0
    for _ in range(KILLS):
        with night(nights) as child:
            before, until = count(nights, "local_greffe_change"), time.monotonic() + 10
            wanted = before + 25 * chance.randint(1, 12)
            while child.runs() and count(nights, "local_greffe_change") < wanted and time.monotonic() < until:
                time.sleep(0.005)
            killed += child.kill()
        cohorts = {r["id"] for r in nights.site.fetch("SELECT id FROM {cohort}")}
        owned = {r["cohortid"] for r in nights.site.fetch("SELECT cohortid FROM {local_greffe_cohort}")}
        assert cohorts == owned
        told = nights.site.fetch("SELECT objectid FROM {local_greffe_change} WHERE action = 'join-cohort'")
        members = {r["id"] for r in nights.site.fetch("SELECT id FROM {cohort_members}")}
        assert {r["objectid"] for r in told} == members
        assert len(told) == len(members)
        if count(nights, "cohort_members") == PEOPLE * COHORTS:
            break
    assert killed

    assert nights.night().exit is Exit.DONE

    assert [len(m) for m in nights.cohort_members().values()] == [PEOPLE] * COHORTS
    assert plan(nights.config()).plan.size == 0
    for run in [r["id"] for r in nights.site.fetch("SELECT id FROM {local_greffe_run} ORDER BY id DESC")]:
        assert undo(nights.config(), run).refused == []
    assert count(nights, "cohort") == count(nights, "cohort_members") == 0
