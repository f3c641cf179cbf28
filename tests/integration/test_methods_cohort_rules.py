"""One night from the registration through a cohort and its courses to their children."""

from __future__ import annotations

from pathlib import Path

import pytest

from greffe.commands.plan import plan
from greffe.commands.undo import undo
from greffe.errors import Exit
from tests.integration.classes import exact
from tests.integration.following import Campus
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite


@pytest.fixture
def campus(moodle_site: MoodleSite, tmp_path: Path) -> Campus:
    found = Campus(Nights(moodle_site, tmp_path))
    found.people(*"abcdef", *(f"p{n}" for n in range(20)))
    found.nights.more |= {
        "run": {"sync": ["cohort", "meta"]},
        "cohort": [{"feed": "ia", "idnumber": "{{ year }}", "name": "Year {{ year }}"}],
    }
    return found


def deliver(campus: Campus, *rows: str) -> None:
    campus.nights.feed("ia", "who;year", list(rows), min_rows=0, shrink="none", unknown_people="none")


def follow(campus: Campus) -> tuple[int, int]:
    """A course that follows the cohort L1, and its child: their instances."""
    (cohort,) = campus.nights.site.fetch("SELECT id FROM {cohort} WHERE idnumber = 'L1'")
    parent = campus.course("P")
    enrol = campus.instance("cohort", parent, cohort["id"])
    return enrol, campus.instance("meta", campus.course("K"), parent)


def test_members_of_tonight_are_in_the_course_and_its_child_tonight(campus: Campus) -> None:
    deliver(campus, "a;L1", "b;L1")
    assert campus.nights.night().exit is Exit.DONE
    enrol, child = follow(campus)
    deliver(campus, "b;L1", "c;L1")
    before = exact(campus.nights)
    night = campus.nights.night()
    assert night.exit is Exit.DONE
    assert campus.active(enrol) == campus.active(child) == {"b", "c"}
    assert plan(campus.nights.config()).plan.size == 0
    undone = undo(campus.nights.config(), night.run)
    assert undone.result is not None
    assert (undone.refused, undone.result.exit) == ([], Exit.DONE)
    after = exact(campus.nights)
    for table in ("user_enrolments", "role_assignments", "cohort_members"):
        assert after[table] == before[table]


def test_what_a_guard_holds_in_a_cohort_nobody_loses_in_its_courses(campus: Campus) -> None:
    everybody = [f"p{n}" for n in range(20)]
    deliver(campus, *(f"{p};L1" for p in everybody))
    campus.nights.night()
    enrol, child = follow(campus)
    campus.nights.night()
    campus.nights.more["guards"] = {"feed": {"removals": "none", "emptied": "none"}}
    deliver(campus, *(f"{p};L1" for p in everybody[:5]), "a;L1")
    held = campus.nights.night()
    assert held.exit is Exit.HELD
    assert campus.active(enrol) == campus.active(child) == {*everybody, "a"}
