"""One night from the registration through a course and a cohort to their children."""

from __future__ import annotations

from pathlib import Path

import pytest

from greffe.commands.apply import apply
from greffe.commands.doctor import doctor
from greffe.commands.plan import plan
from greffe.commands.undo import undo
from greffe.errors import Exit, SiteNotReadyError, StalePlanError
from tests.integration.classes import exact
from tests.integration.following import Campus
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite


@pytest.fixture
def campus(moodle_site: MoodleSite, tmp_path: Path) -> Campus:
    found = Campus(Nights(moodle_site, tmp_path))
    found.people(*"abcdefgh")
    found.nights.rule("ip", leavers="unenrol")
    found.nights.more["run"] = {"sync": ["meta", "cohort"]}
    return found


def deliver(campus: Campus, *rows: str) -> None:
    campus.nights.feed("ip", "who;course", list(rows), min_rows=0, shrink="none", unknown_people="none")


def test_a_night_reaches_the_child_and_a_second_plans_nothing(campus: Campus) -> None:
    parent = campus.course("P")
    child = campus.instance("meta", campus.course("K"), parent)
    # the parent has no method yet: the night makes it
    deliver(campus, "a;P", "b;P")
    campus.instance("cohort", parent, campus.cohort("L1", "b", "c"))
    first = campus.nights.night()
    assert first.exit is Exit.DONE
    assert campus.active(child) == set("abc")
    assert campus.roles(child, "meta") == {(u, 5) for u in "abc"}
    assert plan(campus.nights.config()).plan.size == 0
    before = exact(campus.nights)

    # b leaves the feed and stays by the cohort; a leaves for good
    deliver(campus, "d;P")
    campus.cohort("L1", "b")
    night = campus.nights.night()
    assert night.exit is Exit.DONE
    assert campus.active(child) == {"b", "d"}
    assert plan(campus.nights.config()).plan.size == 0
    undone = undo(campus.nights.config(), night.run)
    assert undone.result is not None
    assert (undone.refused, undone.result.exit) == ([], Exit.DONE)
    after = exact(campus.nights)
    for table in ("user_enrolments", "role_assignments"):
        assert after[table] == before[table]


def test_what_a_guard_holds_in_a_course_stays_in_its_child(campus: Campus) -> None:
    people = [f"p{n}" for n in range(30)]
    campus.people(*people)
    parent = campus.course("P")
    child = campus.instance("meta", campus.course("K"), parent)
    deliver(campus, *(f"{p};P" for p in people))
    campus.nights.night()
    campus.nights.more["guards"] = {"feed": {"removals": "none", "suspensions": "none", "emptied": "none"}}
    deliver(campus, *(f"{p};P" for p in people[:10]), "a;P")
    held = campus.nights.night()
    assert held.exit is Exit.HELD
    assert held.night is not None
    assert {c for c, _ in held.night.judgement.held_places} == {parent}
    assert campus.active(child) == {*people, "a"}


def test_a_plan_file_holds_the_methods_and_goes_stale_with_them(campus: Campus, tmp_path: Path) -> None:
    parent = campus.course("P")
    campus.instance("cohort", parent, campus.cohort("L1", "a", "b"))
    child = campus.instance("meta", campus.course("K"), parent)
    deliver(campus, "c;P")
    file = tmp_path / "tonight.plan"
    plan(campus.nights.config(), out=file)
    done = apply(campus.nights.config(), file)
    assert done.exit is Exit.DONE
    assert campus.active(child) == set("abc")

    campus.cohort("L1", "a", "b", "d")
    plan(campus.nights.config(), out=file)
    campus.enrol(child, "h")
    with pytest.raises(StalePlanError, match="K ← P"):
        apply(campus.nights.config(), file)


def test_who_leaves_feed_and_cohort_in_one_night_keeps_his_grades(campus: Campus) -> None:
    """The rule spares grades, the cohort's setting does not: the rule's enrolment stays, and with it the grades."""
    parent = campus.course("P")
    enrol = campus.instance("cohort", parent, campus.cohort("L1", "a", "b"))
    deliver(campus, "a;P", "c;P")
    campus.nights.night()
    item = campus.nights.site.insert("grade_items", courseid=parent, itemtype="mod")
    campus.nights.site.insert("grade_grades", itemid=item, userid=campus.users["a"], rawgrade=12)
    deliver(campus, "c;P")
    campus.cohort("L1", "b")
    night = campus.nights.night()
    assert night.exit is Exit.REFUSED
    assert [(r.action, r.users) for r in night.refused] == [("unenrol", [campus.users["a"]])]
    assert campus.active(enrol) == {"b"}
    assert len(campus.nights.site.fetch("SELECT id FROM {grade_grades}")) == 1
    # the next night sees that it is his last, and suspends him
    assert campus.nights.night().counts == {"suspend": 1}
    assert plan(campus.nights.config()).plan.size == 0
    assert len(campus.nights.site.fetch("SELECT id FROM {grade_grades}")) == 1


def test_a_method_that_is_switched_off_stops_the_night(campus: Campus) -> None:
    deliver(campus)
    campus.plugins("manual", "database", "cohort")
    with pytest.raises(SiteNotReadyError, match="Course meta link"):
        campus.nights.night()
    assert any("Course meta link" in f.what for f in doctor(campus.nights.config()) if f.severity == "stop")


def test_without_the_setting_a_night_leaves_methods_alone(campus: Campus) -> None:
    del campus.nights.more["run"]
    enrol = campus.instance("cohort", campus.course("P"), campus.cohort("L1", "a"))
    deliver(campus, "b;P")
    assert campus.nights.night().exit is Exit.DONE
    assert campus.active(enrol) == set()
