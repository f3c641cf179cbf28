"""Methods that no rule asks for any more, and methods that are given back to hand care; on real databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from greffe.apply.stays import TAKEN
from greffe.apply.undo import HOME_LOST
from greffe.commands.release import release
from greffe.commands.reporting import of_result
from greffe.commands.undo import undo
from greffe.errors import ArgumentError, Exit
from tests.integration.classes import whole_site
from tests.integration.following import Campus
from tests.integration.linking import in_step, instances, link, only, only_in, relink
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite


@pytest.fixture
def campus(moodle_site: MoodleSite, tmp_path: Path) -> Campus:
    found = Campus(Nights(moodle_site, tmp_path))
    found.people(*"abcdefgh")
    return found


# -- given up --------------------------------------------------------------------------------------------------
def test_surplus_methods_are_disabled_and_come_back(campus: Campus) -> None:
    campus.course("MED1")
    campus.course("MED2")
    campus.cohort("L1", "a", "b")
    link(campus, "MED1 L1", "MED2 L1")
    campus.nights.night()
    relink(campus, "MED1 L1")
    before = whole_site(campus.nights)
    night = campus.nights.night()
    assert night.counts == {"disable-method": 1, "remove-role": 2}
    assert {i["course"]: i["status"] for i in instances(campus)} == {"MED1": 0, "MED2": 1}
    in_step(campus)
    undo(campus.nights.config(), night.run)
    assert whole_site(campus.nights)["enrol"] == before["enrol"]
    campus.nights.night()
    relink(campus, "MED1 L1", "MED2 L1")
    campus.nights.night()
    assert {i["status"] for i in instances(campus)} == {0}


def test_surplus_methods_are_deleted_and_brought_back_whole(campus: Campus) -> None:
    course = campus.course("MED2")
    campus.cohort("L1", "a", "b")
    link(campus, "MED2 L1", new_group="G", surplus="delete")
    campus.nights.night()
    campus.nights.site.insert("user_lastaccess", userid=campus.users["a"], courseid=course, timeaccess=5)
    relink(campus, surplus="delete")
    before = whole_site(campus.nights)
    night = campus.nights.night()
    assert night.exit is Exit.DONE
    assert instances(campus) == []
    for table in ("user_enrolments", "role_assignments", "groups_members", "user_lastaccess"):
        assert campus.nights.site.fetch("SELECT id FROM {" + table + "}") == [], table
    in_step(campus)
    undone = undo(campus.nights.config(), night.run)
    assert undone.refused == []
    after = whole_site(campus.nights)
    for table in before:
        if table not in ("cache_flags", "groups"):
            assert after[table] == before[table], table


def test_a_deleted_method_whose_id_is_taken_stays_away_with_its_people(campus: Campus) -> None:
    campus.course("MED2")
    other = campus.course("OTHER")
    campus.cohort("L1", "a", "b")
    link(campus, "MED2 L1", surplus="delete")
    campus.nights.night()
    taken = only(campus)["id"]
    relink(campus, surplus="delete")
    run = campus.nights.night().run
    campus.nights.site.insert("enrol", id=taken, enrol="manual", courseid=other, sortorder=9)
    undone = undo(campus.nights.config(), run)
    assert {(r.action, r.reason) for r in undone.refused} == {
        ("delete-method", TAKEN), ("unenrol", HOME_LOST), ("remove-role", HOME_LOST)
    }  # fmt: skip
    assert campus.nights.site.fetch("SELECT id FROM {user_enrolments}") == []
    assert campus.nights.site.fetch("SELECT id FROM {role_assignments}") == []


def test_a_method_whose_people_have_grades_is_only_switched_off(campus: Campus) -> None:
    course = campus.course("MED2")
    campus.cohort("L1", "a", "b")
    link(campus, "MED2 L1", surplus="delete")
    campus.nights.night()
    item = campus.nights.site.insert("grade_items", courseid=course, itemtype="mod")
    campus.nights.site.insert("grade_grades", itemid=item, userid=campus.users["a"], rawgrade=12)
    relink(campus, surplus="delete")
    night = campus.nights.night()
    assert only(campus)["status"] == 1
    assert len(campus.nights.site.fetch("SELECT id FROM {grade_grades}")) == 1
    assert night.night is not None
    assert any(
        "1 method is switched off rather than deleted: grades would go with it" in n
        for n in night.night.notes
    )
    assert len(campus.enrolments(only(campus)["id"])) == 2


def test_nothing_is_given_up_while_a_row_leads_nowhere(campus: Campus) -> None:
    campus.course("MED1")
    campus.course("MED2")
    campus.cohort("L1", "a")
    link(campus, "MED1 L1", "MED2 L1")
    campus.nights.night()
    relink(campus, "MED1 L1", "MEDX L1")
    night = campus.nights.night()
    assert night.exit is Exit.REFUSED
    assert night.refused[0].reason == "[[link]] number 1, course: no course has the idnumber 'MEDX'"
    assert {i["status"] for i in instances(campus)} == {0}
    relink(campus, "MED1 L1", "MED2 L9")
    night = campus.nights.night()
    assert night.refused[0].reason == "no cohort has the idnumber L9"
    assert {i["status"] for i in instances(campus)} == {0}


def test_the_guards_hold_a_method_that_is_switched_off(campus: Campus) -> None:
    people = [f"p{n}" for n in range(30)]
    campus.people(*people)
    campus.course("MED1")
    campus.cohort("L1", *people)
    link(campus, "MED1 L1")
    campus.nights.night()
    del campus.nights.more["guards"]
    relink(campus)
    night = campus.nights.night()
    assert night.exit is Exit.HELD
    assert only(campus)["status"] == 0
    assert campus.roles(only(campus)["id"]) == {(p, 5) for p in people}


# -- given back --------------------------------------------------------------------------------------------------
def test_methods_are_given_back_and_taken_again(campus: Campus) -> None:
    campus.course("MED1")
    campus.cohort("L1", "a")
    link(campus, "MED1 L1")
    campus.nights.night()
    result, given = release(campus.nights.config(), [], courses=["MED1"])
    assert result.counts == {"release-method": 1}
    assert [c.active for c in of_result(result, "release", given).courses] == [1]
    relink(campus)
    campus.nights.night()
    assert only(campus)["status"] == 0  # it is nobody's business any more
    undo(campus.nights.config(), result.run)
    campus.nights.night()
    assert only(campus)["status"] == 1
    campus.course("MED2")
    with pytest.raises(ArgumentError, match="no method of Greffe's in MED2"):
        release(campus.nights.config(), [], courses=["MED2"])


def test_a_sync_of_greffes_own_methods_only(campus: Campus) -> None:
    campus.course("MED1")
    by_hand = campus.instance("cohort", campus.course("OTHER"), campus.cohort("L1", "a"))
    link(campus, "MED1 L1")
    campus.nights.night()
    campus.member(campus.cohorts["L1"], ["b"])
    campus.sync(own=True)
    assert campus.active(only_in(campus, "MED1")) == set("ab")
    assert campus.active(by_hand) == set()
