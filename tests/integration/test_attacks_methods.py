"""Methods by rule under attack: nobody is shut out or left behind past guards, calendar, plan files and undo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from greffe.commands.apply import apply
from greffe.commands.plan import plan
from greffe.commands.release import release
from greffe.commands.rollover import rollover
from greffe.commands.undo import undo
from greffe.errors import ConfigError, Exit, HeldError, StalePlanError
from tests.integration.following import Campus
from tests.integration.linking import instances, link, only, relink
from tests.integration.nights import NO_GUARDS, Nights
from tests.integration.years import deliver, followed, links, people, turn
from tests.lab.site import MoodleSite

ALWAYS = [{"from": "2020-01-01", "to": "2099-12-31"}]
MANY = [f"p{n}" for n in range(60)]


@pytest.fixture
def campus(moodle_site: MoodleSite, tmp_path: Path) -> Campus:
    found = Campus(Nights(moodle_site, tmp_path))
    found.people(*"abcdefgh", *MANY)
    return found


@pytest.fixture
def year(campus: Campus) -> Campus:
    """The end of 2025, the rules turned to 2026 already: MED1 full, MED2 small."""
    campus.nights.cohort("ia", idnumber="{{ dip }}-{{ an }}", name="{{ dip }} {{ an }}")
    deliver(campus, *(f"{p};L1;2025" for p in MANY), "a;L2;2025", "b;L2;2025", "c;L2;2025")
    for name in ("MED1", "MED2", "EXAM"):
        campus.course(name)
    links(campus, ("MED1", "L1-2025"), ("MED2", "L2-2025"))
    campus.nights.night()
    links(campus, ("MED1", "L1-2026"), ("MED2", "L2-2026"))
    return campus


def guarded(campus: Campus, **more: Any) -> None:
    campus.nights.more.pop("guards", None)
    campus.nights.more |= more


# -- a new year ------------------------------------------------------------------------------------------------
def test_a_new_year_that_the_guards_stop_is_no_plan_file(year: Campus, tmp_path: Path) -> None:
    guarded(year)
    with pytest.raises(HeldError, match="the guards hold this plan"):
        turn(year, out=tmp_path / "year.plan")
    assert not (tmp_path / "year.plan").exists()


def test_a_bad_feed_turns_nothing(year: Campus) -> None:
    guarded(year)
    rows = ["a;L2;2026"]
    year.nights.feed("ia", "who;dip;an", rows, shrink="none", year_column="an", years="all", min_rows=50)
    done = turn(year)
    assert followed(year) == {"MED1": "L1-2025", "MED2": "L2-2025"}
    assert people(year, "MED2") == set("abc")
    assert {r.course for r in done.refused} == {"cohort L1-2025", "cohort L2-2025"}
    assert "cannot be trusted" in done.refused[0].reason


@pytest.mark.parametrize("rows", [5, 10_000])
def test_a_method_that_was_edited_keeps_its_people_in_a_large_course(
    year: Campus, tmp_path: Path, rows: int
) -> None:
    year.nights.more["moodle"] = {"transaction_rows": rows}
    file = tmp_path / "year.plan"
    config = year.nights.config()
    rollover(config, "2025", "2026", out=file)
    cohort = "(SELECT id FROM {cohort} WHERE idnumber = 'L2-2025')"
    year.nights.site.execute(
        f"UPDATE {{enrol}} SET customint1 = {cohort} WHERE enrol = 'cohort' AND customint1 <> {cohort}"
    )
    with pytest.raises(StalePlanError, match="MED1"):
        apply(config, file)
    assert people(year, "MED1") == set(MANY)


def test_in_the_summer_children_get_nobody_whom_their_parent_does_not_get(year: Campus) -> None:
    table = [{"course": "EXAM", "parent": "MED1"}]
    year.nights.more["link"].append({"method": "meta", "table": table})
    deliver(year, *(f"{p};L1;2025" for p in MANY), "a;L2;2025", "b;L2;2025", "c;L2;2025", "d;L1;2026")
    guarded(year, calendar={"add_only": ALWAYS})
    turn(year)
    assert followed(year)["MED1"] == "L1-2025"
    assert instances(year, "meta") == []  # rules of other methods are for the night
    year.nights.night()
    (child,) = instances(year, "meta")
    assert year.active(child["id"]) == people(year, "MED1") == {*MANY, "d"}


def test_a_held_undo_leaves_the_method_with_its_people(year: Campus) -> None:
    fresh = [f"q{n}" for n in range(30)]
    year.people(*fresh)
    deliver(year, *(f"{p};L1;2026" for p in fresh), *(f"{p};L2;2026" for p in "abc"))
    done = turn(year)
    assert done.result is not None
    assert people(year, "MED1") == set(fresh)
    year.nights.more["guards"] = {"feed": NO_GUARDS["feed"]}
    undone = undo(year.nights.config(), done.result.run)
    assert undone.result is not None
    assert undone.result.exit is Exit.HELD
    assert followed(year) == {"MED1": "L1-2026", "MED2": "L2-2025"}
    assert people(year, "MED1") == set(fresh)


# -- switched off ----------------------------------------------------------------------------------------------
def test_an_adopted_method_is_not_switched_off_past_guards_and_calendar(campus: Campus) -> None:
    campus.setting("enrol_cohort", "unenrolaction", 2)  # leavers keep their roles: nothing else tells
    enrol = campus.instance("cohort", campus.course("MED1"), campus.cohort("L1", *MANY))
    campus.sync("cohort")
    assert campus.active(enrol) == set(MANY)
    link(campus, "MED1 L1", enabled=False, adopt=True)
    guarded(campus, calendar={"add_only": ALWAYS})
    campus.nights.night()
    assert only(campus)["status"] == 0
    guarded(campus, calendar={})
    assert campus.nights.night().exit is Exit.HELD
    assert only(campus)["status"] == 0


def test_taking_back_that_a_method_was_switched_on_is_judged(campus: Campus) -> None:
    campus.setting("enrol_cohort", "unenrolaction", 2)
    campus.course("MED1")
    campus.cohort("L1", *MANY)
    for enabled in (True, False, True):
        relink(campus, "MED1 L1", enabled=enabled)
        night = campus.nights.night()
    guarded(campus)
    undone = undo(campus.nights.config(), night.run)
    assert undone.result is not None
    assert undone.result.exit is Exit.HELD
    assert only(campus)["status"] == 0


# -- plan files ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("surplus", ["delete", "disable"])
def test_a_plan_file_does_not_touch_what_was_given_back(campus: Campus, tmp_path: Path, surplus: str) -> None:
    campus.course("MED1")
    campus.cohort("L1", "a", "b")
    link(campus, "MED1 L1", surplus=surplus)
    campus.nights.night()
    relink(campus, surplus=surplus)
    file = tmp_path / "tonight.plan"
    plan(campus.nights.config(), out=file)
    release(campus.nights.config(), [], courses=["MED1"])
    with pytest.raises(StalePlanError, match="MED1"):
        apply(campus.nights.config(), file)
    assert only(campus)["status"] == 0


def test_a_plan_file_does_not_delete_what_follows_another_cohort_by_now(
    campus: Campus, tmp_path: Path
) -> None:
    campus.course("MED1")
    campus.cohort("L1", "a", "b")
    other = campus.cohort("L2", "a", "b")
    link(campus, "MED1 L1", surplus="delete")
    campus.nights.night()
    relink(campus, surplus="delete")
    file = tmp_path / "tonight.plan"
    plan(campus.nights.config(), out=file)
    campus.nights.site.execute("UPDATE {enrol} SET customint1 = %s WHERE enrol = 'cohort'", other)
    with pytest.raises(StalePlanError, match="MED1"):
        apply(campus.nights.config(), file)
    assert campus.active(only(campus)["id"]) == set("ab")


def test_a_method_is_not_changed_for_one_of_its_people(campus: Campus, tmp_path: Path) -> None:
    campus.course("MED1")
    campus.cohort("L1", "a", "b", "c")
    link(campus, "MED1 L1")
    campus.nights.night()
    relink(campus)
    assert plan(campus.nights.config(), person="a", out=tmp_path / "a.plan").plan.size == 0


# -- the configuration -----------------------------------------------------------------------------------------
def test_a_group_of_the_pattern_cannot_take_the_courses_place(campus: Campus) -> None:
    campus.nights.more["link"] = [{"method": "cohort", "courses": r"(?P<course>MED1)-.*", "cohort": "L1"}]
    with pytest.raises(ConfigError, match="cannot be called course"):
        campus.nights.config()
