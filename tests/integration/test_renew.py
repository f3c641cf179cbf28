"""Manual and self enrolments renewed, and automatic ones kept by hand; on real databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from greffe.commands._file.batch import Asked, Batched
from greffe.commands.apply import apply
from greffe.commands.convert import Conversion, convert
from greffe.commands.renew import Renewal, renew
from greffe.commands.undo import undo
from greffe.errors import ArgumentError, Exit
from greffe.intake.opening import open_batchfile
from greffe.intake.wants import Wants
from tests.integration.batches import Batches, fates
from tests.integration.classes import exact

FAR, FARTHER = 4_000_000_000, 4_100_000_000


def renewed(batches: Batches, *courses: str, look: bool = False, **wishes: Any) -> Batched:
    return renew(batches.nights.config(), Renewal(courses=courses, **wishes), Asked(dry_run=look))


def add(batches: Batches, course: int, method: str, **people: tuple[int, int, int]) -> int:
    """An instance with these people: (status, start, end)."""
    site = batches.nights.site
    found = site.fetch("SELECT id FROM {enrol} WHERE courseid = %s AND enrol = %s", course, method)
    enrol = (
        found[0]["id"]
        if found
        else site.insert("enrol", enrol=method, courseid=course, roleid=5, sortorder=9)
    )
    for name, (status, start, end) in people.items():
        (user,) = site.fetch("SELECT id FROM {user} WHERE username = %s", name)
        site.insert(
            "user_enrolments", enrolid=enrol, userid=user["id"], status=status, timestart=start, timeend=end
        )
    return int(enrol)


# -- renew -----------------------------------------------------------------------------------------------------
def test_times_are_extended_and_never_cut(batches: Batches) -> None:
    batches.people(*"abcde")
    course = batches.nights.site.add_course("C1")
    add(batches, course, "manual", a=(0, 7, 100), b=(0, 0, 0), c=(0, 0, FARTHER), d=(1, 0, 100))
    add(batches, course, "self", e=(0, 0, 100))
    before = exact(batches.nights)
    done = renewed(batches, "C1", end=FAR)
    assert done.result is not None
    assert (done.result.exit, done.result.counts) == (Exit.DONE, {"set-times": 2})
    assert batches.enrolments() == {
        ("C1", "a"): (0, 7, FAR), ("C1", "b"): (0, 0, 0), ("C1", "c"): (0, 0, FARTHER), ("C1", "d"): (1, 0, 100),
    }  # fmt: skip
    assert batches.enrolments("self") == {("C1", "e"): (0, 0, FAR)}
    assert renewed(batches, "C1", end=FAR, look=True).plan.size == 0
    assert undo(batches.nights.config(), done.result.run).refused == []
    assert exact(batches.nights) == before


def test_the_suspended_come_back_where_that_is_asked(batches: Batches) -> None:
    batches.people(*"ab")
    course = batches.nights.site.add_course("C1")
    add(batches, course, "manual", a=(1, 0, 100), b=(0, 0, 0))
    before = exact(batches.nights)
    done = renewed(batches, "C1", end=0, reactivate=True, method="manual")
    assert batches.enrolments() == {("C1", "a"): (0, 0, 0), ("C1", "b"): (0, 0, 0)}
    assert batches.roles() == {("C1", "a", "student", 0)}
    assert done.result is not None
    undo(batches.nights.config(), done.result.run)
    assert exact(batches.nights) == before


def test_a_category_with_all_below_it_and_a_role(batches: Batches) -> None:
    site = batches.nights.site
    batches.people(*"ab")
    top = site.insert("course_categories", name="Law", idnumber="DRT", path="/", depth=1)
    below = site.insert("course_categories", name="Year 1", parent=top, path="/", depth=2)
    for category in (top, below):
        site.insert("context", contextlevel=40, instanceid=category, path=f"/1/{category}", depth=2)
    site.execute("UPDATE {course_categories} SET path = %s WHERE id = %s", f"/{top}", top)
    site.execute("UPDATE {course_categories} SET path = %s WHERE id = %s", f"/{top}/{below}", below)
    one, two = site.add_course("C1", category=below), site.add_course("C2")
    for course in (one, two):
        add(batches, course, "manual", a=(0, 0, 100), b=(0, 0, 100))
    batches.enrol("person;role\na;teacher\nb;student\n", course="C1")
    renew(batches.nights.config(), Renewal(categories=["DRT"], end=FAR, role="teacher"), Asked())
    found = batches.enrolments()
    assert found["C1", "a"] == (0, 0, FAR)
    assert {found["C1", "b"], found["C2", "a"], found["C2", "b"]} == {(0, 0, 100)}
    with pytest.raises(ArgumentError, match="no course category"):
        renew(batches.nights.config(), Renewal(categories=["nowhere"], end=FAR), Asked())
    with pytest.raises(ArgumentError, match="no course is named"):
        renewed(batches, end=FAR)


def test_a_period_is_the_methods_own_and_comes_back(batches: Batches) -> None:
    batches.people("a")
    course = batches.nights.site.add_course("C1")
    add(batches, course, "self", a=(0, 0, 0))
    before = exact(batches.nights)
    done = renewed(batches, "C1", method="self", period=86_400)
    assert done.result is not None
    (row,) = batches.nights.site.fetch("SELECT enrolperiod FROM {enrol} WHERE enrol = 'self'")
    assert row["enrolperiod"] == 86_400
    assert renewed(batches, "C1", method="self", period=86_400, look=True).plan.size == 0
    undo(batches.nights.config(), done.result.run)
    assert exact(batches.nights) == before


def test_what_makes_no_sense_is_refused(batches: Batches) -> None:
    batches.nights.site.add_course("C1")
    for wishes, said in (
        ({}, "nothing is asked for"),
        ({"end": 100}, "over already"),
        ({"end": FAR, "role": "x"}, "--role"),
    ):
        with pytest.raises(ArgumentError, match=said):
            renewed(batches, "C1", **wishes)


# -- convert ---------------------------------------------------------------------------------------------------
def kept(
    batches: Batches,
    *courses: str,
    people: str = "",
    look: bool = False,
    out: Path | None = None,
    **wishes: Any,
) -> Batched:
    file = open_batchfile(batches.deliver(people), wants={Wants.PEOPLE, Wants.ONE_COURSE}) if people else None
    asked = Asked(dry_run=look, out=out)
    return convert(batches.nights.config(), Conversion(courses=courses, **wishes), asked, file)


@pytest.fixture
def campus(batches: Batches) -> Batches:
    """Three people by a feed, in groups; one of them left."""
    nights = batches.nights
    batches.people(*"abc")
    nights.site.add_course("C1", idnumber="C1")
    nights.more = {"guards": {"scope": {"everybody_above": 10}}}
    nights.rule("ip", group="{{ td }}", leavers="suspend")
    nights.feed("ip", "who;course;td", ["Na;C1;TD1", "Nb;C1;TD1", "Nc;C1;TD2"], shrink="none", min_rows=0)
    nights.night()
    nights.feed("ip", "who;course;td", ["Na;C1;TD1", "Nb;C1;TD1"], shrink="none", min_rows=0)
    nights.night()
    return batches


def test_leavers_stay_by_hand(campus: Batches) -> None:
    before = exact(campus.nights)
    done = kept(campus, "C1", leavers=True)
    assert done.result is not None
    assert (done.refused, done.result.exit) == ([], Exit.DONE)
    assert campus.enrolments() == {("C1", "c"): (0, 0, 0)}
    assert campus.nights.enrolments()["C1", "c"][0] == 1  # the automatic one is as it was
    assert campus.roles() == {("C1", "c", "student", 0)}
    assert ("C1", "TD2", "c", "") in campus.nights.members()
    assert kept(campus, "C1", leavers=True, look=True).plan.size == 0
    # and a night that unenrols leavers takes nothing of that
    campus.nights.rules[0] |= {"leavers": "unenrol"}
    campus.nights.night()
    assert ("C1", "TD2", "c", "") in campus.nights.members()
    assert campus.roles() == {("C1", "c", "student", 0)}

    campus.nights.rules[0] |= {"leavers": "suspend"}
    assert before


def test_an_undo_gives_everything_back_to_the_method(campus: Batches) -> None:
    before = exact(campus.nights)
    done = kept(campus, "C1")
    assert done.result is not None
    assert set(campus.enrolments()) == {("C1", "a"), ("C1", "b"), ("C1", "c")}
    assert {m[3] for m in campus.nights.members()} == {""}
    assert undo(campus.nights.config(), done.result.run).refused == []
    assert exact(campus.nights) == before


def test_only_whom_a_file_names(campus: Batches) -> None:
    done = kept(campus, "C1", people="person\nNb\n")
    assert set(campus.enrolments()) == {("C1", "b")}
    assert fates(done) == {2: "done"}
    campus.people("z")
    refused = kept(campus, "C1", people="person\nNz\n")
    assert "nobody brought" in fates(refused)[2]


def test_who_is_there_by_hand_already_keeps_his_times(campus: Batches) -> None:
    course = campus.nights.site.fetch("SELECT id FROM {course} WHERE shortname = 'C1'")[0]["id"]
    add(campus, course, "manual", a=(0, 5, FAR))
    kept(campus, "C1")
    assert campus.enrolments()["C1", "a"] == (0, 5, FAR)


def test_a_plan_file_of_it(campus: Batches) -> None:
    file = campus.nights.directory / "keep.plan"
    kept(campus, "C1", out=file)
    assert apply(campus.nights.config(), file).exit is Exit.DONE
    assert set(campus.enrolments()) == {("C1", "a"), ("C1", "b"), ("C1", "c")}
    assert {m[3] for m in campus.nights.members()} == {""}
