"""`greffe methods sync` for meta children on real databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from greffe.commands.undo import undo
from greffe.errors import Exit
from tests.integration.classes import add_classes, exact, leave_traces
from tests.integration.following import Campus, done
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite

LATER = 2_000_000_000


@pytest.fixture
def campus(moodle_site: MoodleSite, tmp_path: Path) -> Campus:
    found = Campus(Nights(moodle_site, tmp_path))
    found.people(*"abcdefgh")
    return found


def link(campus: Campus) -> tuple[int, int, int]:
    """A parent with a, b and c enrolled by hand; (parent, its manual instance, the child's meta instance)."""
    parent = campus.course("P")
    manual = campus.way(parent)
    for who in "abc":
        campus.enrol(manual, who)
        campus.role(parent, who)
    return parent, manual, campus.instance("meta", campus.course("K"), parent)


def test_a_child_is_as_its_parent(campus: Campus) -> None:
    _, manual, child = link(campus)
    assert done(campus) == {"enrol": 3, "assign-role": 3}
    assert campus.active(child) == set("abc")
    site = campus.nights.site
    site.execute(
        "UPDATE {user_enrolments} SET status = 1 WHERE enrolid = %s AND userid = %s",
        manual,
        campus.users["a"],
    )
    site.execute("UPDATE {user_enrolments} SET timestart = 5, timeend = %s WHERE enrolid = %s AND userid = %s", LATER, manual, campus.users["b"])  # fmt: skip
    campus.enrol(manual, "d", status=1)
    campus.enrol(manual, "e", timestart=7)
    before = exact(campus.nights)
    assert done(campus) == {"enrol": 2, "set-times": 1, "suspend": 1, "remove-role": 1}
    assert campus.enrolments(child) == {
        "a": (1, 0, 0),
        "b": (0, 5, LATER),
        "c": (0, 0, 0),
        "d": (1, 0, 0),
        "e": (0, 7, 0),
    }
    undone = undo(campus.nights.config(), 2)
    assert undone.result is not None
    assert (undone.refused, undone.result.exit) == ([], Exit.DONE)
    assert exact(campus.nights)["user_enrolments"] == before["user_enrolments"]
    assert exact(campus.nights)["role_assignments"] == before["role_assignments"]
    # suspended in the parent: the child's times are put to none
    done(campus)
    site.execute("UPDATE {user_enrolments} SET status = 1 WHERE enrolid = %s", manual)
    assert done(campus) == {"suspend": 3, "remove-role": 2}
    assert campus.enrolments(child)["b"] == (1, 0, 0)
    # and of somebody who was suspended with times by hand
    site.execute(
        "UPDATE {user_enrolments} SET timeend = 9 WHERE enrolid = %s AND userid = %s",
        child,
        campus.users["c"],
    )
    assert done(campus) == {"set-times": 1}
    assert campus.enrolments(child)["c"] == (1, 0, 0)


def test_several_ways_into_the_parent_are_one(campus: Campus) -> None:
    parent, manual, child = link(campus)
    key = campus.instance("self", parent, 0)
    off = campus.instance("self", parent, 0, status=1)
    strange = campus.instance("paypal", parent, 0)
    campus.enrol(key, "a", timestart=5, timeend=9)
    campus.enrol(key, "d", timestart=5, timeend=9)
    campus.enrol(off, "e")
    campus.enrol(strange, "f")
    campus.nights.site.execute("UPDATE {user_enrolments} SET timestart = 7, timeend = %s WHERE enrolid = %s AND userid = %s", LATER, manual, campus.users["b"])  # fmt: skip
    campus.enrol(key, "b", timestart=6, timeend=0)
    done(campus)
    assert campus.enrolments(child) == {
        "a": (0, 0, 0),
        "b": (0, 6, 0),
        "c": (0, 0, 0),
        "d": (0, 5, 9),
        "e": (1, 0, 0),
    }


@pytest.mark.parametrize(("action", "standing"), [(1, (0, 0, 0)), (2, (1, 0, 0)), (3, (1, 0, 0)), (0, None)])
def test_leavers_as_the_site_says(campus: Campus, action: int, standing: tuple[int, int, int] | None) -> None:
    parent, manual, child = link(campus)
    campus.setting("enrol_meta", "unenrolaction", action)
    done(campus)
    site = campus.nights.site
    site.execute(
        "DELETE FROM {user_enrolments} WHERE enrolid = %s AND userid = %s", manual, campus.users["a"]
    )
    site.execute("DELETE FROM {role_assignments} WHERE component = '' AND userid = %s", campus.users["a"])
    done(campus)
    assert campus.enrolments(child).get("a") == standing
    assert (("a", 5) in campus.roles(child, "meta")) is (action == 2)
    assert campus.active(child) >= set("bc")
    campus.enrol(manual, "a")
    campus.role(parent, "a")
    done(campus)
    assert campus.active(child) == set("abc")


def test_roles_that_are_not_copied(campus: Campus) -> None:
    parent, _, child = link(campus)
    campus.role(parent, "a", 3)
    campus.role(parent, "b", 4, "enrol_meta", 77)
    campus.role(parent, "c", 4, "enrol_paypal", 77)
    campus.role(parent, "d", 3)
    done(campus)
    assert campus.roles(child, "meta") == {("a", 5), ("a", 3), ("b", 5), ("c", 5)}
    campus.setting("enrol_meta", "nosyncroleids", "5")
    done(campus)
    assert campus.roles(child, "meta") == {("a", 3)}
    assert campus.active(child) == set("abc")


def test_only_those_with_a_role(campus: Campus) -> None:
    _, manual, child = link(campus)
    campus.setting("enrol_meta", "syncall", 0)
    campus.enrol(manual, "d")
    done(campus)
    assert campus.active(child) == set("abc")
    campus.nights.site.execute(
        "DELETE FROM {role_assignments} WHERE component = '' AND userid = %s", campus.users["a"]
    )
    assert done(campus) == {"suspend": 1, "remove-role": 1}
    assert campus.active(child) == set("bc")
    campus.setting("enrol_meta", "unenrolaction", 0)
    done(campus)
    assert campus.enrolments(child).keys() == set("bc")


def test_a_child_of_a_child_follows_nothing_of_it(campus: Campus) -> None:
    _, _, child = link(campus)
    (course,) = campus.nights.site.fetch("SELECT courseid FROM {enrol} WHERE id = %s", child)
    grandchild = campus.instance("meta", campus.course("G"), course["courseid"])
    done(campus)
    assert campus.active(child) == set("abc")
    assert campus.active(grandchild) == set()


def test_from_a_cohort_through_its_course_to_the_child_in_one_run(campus: Campus) -> None:
    parent = campus.course("P")
    cohort = campus.cohort("L1", "a", "b")
    campus.instance("cohort", parent, cohort)
    child = campus.instance("meta", campus.course("K"), parent)
    shown = campus.sync(dry_run=True)
    assert [(p.name, p.method) for p in shown.plan.courses] == [("P ← L1", "cohort"), ("K ← P", "meta")]
    assert done(campus) == {"enrol": 4, "assign-role": 4}
    assert campus.roles(child, "meta") == {("a", 5), ("b", 5)}
    campus.cohort("L1", "b", "c")
    assert done(campus) == {"enrol": 2, "assign-role": 2, "suspend": 1, "unenrol": 1, "remove-role": 2}
    assert campus.active(child) == {"b", "c"}


def test_what_a_guard_holds_in_the_parent_nobody_loses_in_the_child(campus: Campus) -> None:
    people = [f"p{n}" for n in range(40)]
    campus.people(*people)
    parent = campus.course("P")
    enrol = campus.instance("cohort", parent, campus.cohort("L1", *people))
    child = campus.instance("meta", campus.course("K"), parent)
    done(campus)
    campus.nights.more["guards"] = {"feed": {"removals": "none", "emptied": "none"}}
    campus.cohort("L1", *people[:20], "a")
    held = campus.sync()
    assert held.judgement.held_places == {(parent, enrol)}
    assert len(campus.active(child)) == 41


def test_links_in_a_circle_are_refused_with_their_path(campus: Campus) -> None:
    one, two, three = (campus.course(c) for c in ("A", "B", "C"))
    for parent, course in ((one, two), (two, three), (three, one)):
        campus.instance("meta", course, parent)
    _, _, child = link(campus)
    synced = campus.sync()
    assert synced.result is not None
    assert synced.result.exit is Exit.REFUSED
    (refused,) = synced.refused
    assert refused.course == "A → B → C → A"
    assert campus.active(child) == set("abc")


def test_the_last_enrolment_in_the_child_takes_everything(campus: Campus) -> None:
    classes = add_classes(campus.nights, ["K"])
    parent = campus.course("P")
    manual = campus.way(parent)
    for who in "ab":
        campus.enrol(manual, who)
        campus.role(parent, who)
    campus.setting("enrol_meta", "unenrolaction", 0)
    campus.instance("meta", classes[0].course, parent)
    done(campus)
    leave_traces(campus.nights, classes, [campus.users["a"]], grades=True)
    campus.nights.site.execute("DELETE FROM {user_enrolments} WHERE enrolid = %s AND userid = %s", manual, campus.users["a"])  # fmt: skip
    before = exact(campus.nights)
    shown = campus.sync(dry_run=True)
    assert shown.graded == 1
    counts = done(campus)
    assert counts["delete-grade"] == 3
    undone = undo(campus.nights.config(), 2)
    assert undone.result is not None
    assert (undone.refused, undone.result.exit) == ([], Exit.DONE)
    assert exact(campus.nights) == before
