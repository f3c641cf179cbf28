"""Cohorts from their first night on: made, filled, changed, left alone; on real databases."""

from __future__ import annotations

import io
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from greffe.commands.apply import apply
from greffe.commands.approve import approve
from greffe.commands.doctor import doctor
from greffe.commands.plan import plan
from greffe.commands.recounting import recount
from greffe.commands.reporting import of_result
from greffe.commands.undo import undo
from greffe.errors import ArgumentError, Exit, StalePlanError
from greffe.report.html import render
from greffe.report.terminal import console, show
from greffe.report.texts import headline
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite

HEADER = "who;cohort;label"
FREE = {
    "guards": {
        "feed": {"removals": "none", "at_most": 10_000, "emptied": "none"},
        "scope": {"removals": "none", "everybody_above": 10_000},
    }
}
"""Guards that let everything pass."""


@pytest.fixture
def nights(moodle_site: MoodleSite, tmp_path: Path) -> Nights:
    for number in range(1, 41):
        moodle_site.add_user(f"u{number:02}", idnumber=f"u{number:02}")
    nights = Nights(moodle_site, tmp_path)
    nights.cohort("ia")
    deliver(nights, {"L1": range(1, 11), "L2": range(11, 21)})
    return nights


def deliver(nights: Nights, cohorts: dict[str, Any], **options: Any) -> None:
    """Deliver who is in which cohort tonight."""
    rows = [f"u{n:02};{cohort};{cohort}" for cohort, people in cohorts.items() for n in people]
    nights.feed("ia", HEADER, rows, shrink="none", **options)


def cohort(nights: Nights, idnumber: str) -> dict[str, Any]:
    """The row of the only cohort with this idnumber."""
    (row,) = nights.site.fetch("SELECT * FROM {cohort} WHERE idnumber = %s", idnumber)
    return row


def people(*ranges: range) -> list[str]:
    return [f"u{n:02}" for one in ranges for n in one]


def test_first_night_makes_cohorts_as_moodle_does(nights: Nights) -> None:
    system = nights.site.fetch("SELECT id FROM {context} WHERE contextlevel = 10")[0]["id"]

    result = nights.night()

    assert result.exit is Exit.DONE
    assert result.counts == {"create-cohort": 2, "join-cohort": 20}
    assert nights.cohort_members() == {"L1": people(range(1, 11)), "L2": people(range(11, 21))}
    row = cohort(nights, "L1")
    made = row["timecreated"]
    assert made > 0
    assert row == {
        "id": row["id"], "contextid": system, "name": "Cohort L1", "idnumber": "L1", "description": "",
        "descriptionformat": 1, "visible": 1, "component": "", "timecreated": made, "timemodified": made, "theme": "",
    }  # fmt: skip
    members = nights.site.fetch("SELECT * FROM {cohort_members} WHERE cohortid = %s", row["id"])
    assert {m["timeadded"] for m in members} == {made}


def test_a_second_night_plans_nothing(nights: Nights) -> None:
    nights.night()
    assert plan(nights.config()).plan.size == 0


def test_joining_and_leaving(nights: Nights) -> None:
    nights.night()
    before = nights.site.fetch("SELECT * FROM {cohort} ORDER BY id")
    deliver(nights, {"L1": [*range(2, 11), 30], "L2": range(11, 21)})

    result = nights.night()

    assert result.counts == {"join-cohort": 1, "leave-cohort": 1}
    assert nights.cohort_members()["L1"] == people(range(2, 11), range(30, 31))
    assert nights.site.fetch("SELECT * FROM {cohort} ORDER BY id") == before


def test_component_only_where_the_plugin_is(nights: Nights) -> None:
    nights.night()
    assert cohort(nights, "L1")["component"] == ""
    nights.site.insert("config_plugins", plugin="local_greffe", name="version", value="1")

    result = nights.night()

    assert result.counts == {"update-cohort": 2}
    assert cohort(nights, "L1")["component"] == "local_greffe"
    assert plan(nights.config()).plan.size == 0


def test_a_cohort_follows_its_rule(nights: Nights) -> None:
    nights.night()
    category = nights.site.insert(
        "course_categories", name="Santé", idnumber="SANTE", parent=0, path="/9", timemodified=1
    )
    place = nights.site.insert("context", contextlevel=40, instanceid=category, path="/1/99", depth=2)
    nights.cohorts[0] |= {
        "name": "Année {{ cohort }} 🙂",
        "category": "SANTE",
        "visible": False,
        "description": "<p>'x'</p>",
    }

    result = nights.night()

    assert result.counts == {"update-cohort": 2}
    row = cohort(nights, "L1")
    assert (row["name"], row["contextid"], row["visible"], row["description"]) == (
        "Année L1 🙂",
        place,
        0,
        "<p>'x'</p>",
    )
    assert row["timemodified"] >= row["timecreated"]
    assert plan(nights.config()).plan.size == 0


def test_a_hand_made_twin_is_refused_until_it_is_adopted(nights: Nights) -> None:
    system = nights.site.fetch("SELECT id FROM {context} WHERE contextlevel = 10")[0]["id"]
    twin = nights.site.add_cohort("L1", contextid=system)
    user = nights.site.fetch("SELECT id FROM {user} WHERE username = 'u40'")[0]["id"]
    nights.site.insert("cohort_members", cohortid=twin, userid=user, timeadded=1)

    result = nights.night()

    assert result.exit is Exit.REFUSED
    assert [r.course for r in result.refused] == ["cohort L1"]
    assert f"id {twin}" in result.refused[0].reason
    assert nights.cohort_members() == {"L1": ["u40"], "L2": people(range(11, 21))}

    nights.cohorts[0]["adopt"] = True
    result = nights.night()

    assert result.exit is Exit.DONE
    assert result.counts == {"adopt-cohort": 1, "join-cohort": 10, "leave-cohort": 1}
    assert cohort(nights, "L1")["id"] == twin
    assert cohort(nights, "L1")["name"] == "Cohort L1"
    assert plan(nights.config()).plan.size == 0
    del nights.cohorts[0]["adopt"]
    assert plan(nights.config()).plan.size == 0


def test_somebody_elses_cohort_is_never_adopted(nights: Nights) -> None:
    nights.site.add_cohort("L1", name="LDAP", component="tool_x")
    nights.cohorts[0]["adopt"] = True

    result = nights.night()

    assert result.exit is Exit.REFUSED
    assert "belongs to tool_x" in result.refused[0].reason
    assert nights.cohort_members()["L1"] == []


def test_duplicate_idnumbers_in_moodle_are_refused_and_listed(nights: Nights) -> None:
    nights.night()
    ours = cohort(nights, "L1")["id"]
    other = nights.site.add_cohort("L1", name="Twin")
    deliver(nights, {"L1": range(2, 12), "L2": range(12, 22)})

    result = nights.night()

    assert result.exit is Exit.REFUSED
    assert f"id {ours}, id {other}" in result.refused[0].reason
    assert result.counts == {"join-cohort": 1, "leave-cohort": 1}
    members = nights.site.fetch(
        "SELECT cohortid FROM {cohort_members} WHERE cohortid IN (%s, %s)", ours, other
    )
    assert len(members) == 10


def test_rules_that_disagree_are_refused_with_their_lines(nights: Nights) -> None:
    nights.night()
    nights.cohorts[0]["name"] = "{{ label }}"
    rows = [f"u{n:02};L1;{'Licence 1' if n < 6 else 'L1'}" for n in range(2, 12)] + [
        f"u{n};L2;L2" for n in range(11, 21)
    ]
    nights.feed("ia", HEADER, rows, shrink="none")

    result = nights.night()

    assert result.exit is Exit.REFUSED
    reason = result.refused[0].reason
    assert "ia:2" in reason
    assert "ia:6" in reason
    assert "'Licence 1'" in reason
    assert nights.cohort_members()["L1"] == people(range(1, 11))


def test_an_unknown_category_is_named_and_takes_nobody_out(nights: Nights) -> None:
    nights.night()
    nights.cohorts[0] |= {"category": "NOWHERE", "gone": "delete"}
    deliver(nights, {"L1": range(5, 15)})

    result = nights.night()

    assert (result.exit, result.counts) == (Exit.PARTIAL, {})  # no row leads anywhere: a bad feed
    assert [r.course for r in result.refused] == ["[[cohort]] number 1"]
    assert result.night is not None
    (note,) = [n for n in result.night.feeds.counts[0].notes if "NOWHERE" in n]
    assert "[[cohort]] number 1, category" in note
    assert "line 2" in note
    assert nights.cohort_members() == {"L1": people(range(1, 11)), "L2": people(range(11, 21))}


def test_a_bad_feed_freezes_the_cohorts_that_it_reaches(nights: Nights) -> None:
    nights.feed("rh", "who;cohort", ["u30;STAFF", "u31;STAFF"], shrink="none")
    nights.cohort("rh")
    nights.night()
    deliver(nights, {"L1": range(1, 2)}, min_rows=10)
    nights.feed("rh", "who;cohort", ["u30;STAFF", "u32;STAFF", "u32;L1"])

    result = nights.night()

    assert result.exit is Exit.PARTIAL
    assert nights.cohort_members() == {
        "L1": people(range(1, 11)),
        "L2": people(range(11, 21)),
        "STAFF": ["u30", "u32"],
    }


def test_guards_hold_a_cohort_and_the_rest_goes_on(nights: Nights) -> None:
    deliver(nights, {"L1": range(1, 31), "L2": range(31, 41)})
    nights.night()
    deliver(nights, {"L1": range(12, 31), "L2": range(32, 41)})

    result = nights.night()

    assert result.exit is Exit.HELD
    assert result.night is not None
    assert [(v.level, v.name, v.kind) for v in result.night.judgement.verdicts] == [
        ("cohort", "L1", "member-removals")
    ]
    assert result.counts == {"leave-cohort": 1}
    assert len(nights.cohort_members()["L1"]) == 30


def test_an_approval_fits_the_night_after_although_the_name_is_written(nights: Nights) -> None:
    deliver(nights, {"L1": range(1, 31)})
    nights.night()
    nights.cohorts[0]["name"] = "Promotion {{ cohort }}"
    deliver(nights, {"L1": [*range(12, 31), 40]})
    held = nights.night()
    assert held.exit is Exit.HELD
    assert held.counts == {"join-cohort": 1, "update-cohort": 1}
    assert held.night is not None

    approve(nights.config(), held.night.judgement.digest, by="A. Martin")

    assert nights.night().counts == {"leave-cohort": 11}


def test_half_an_extract_stops_the_run(nights: Nights) -> None:
    nights.more = {"guards": {"feed": {"above": 5}}}
    nights.night()
    deliver(nights, {"L1": range(1, 7), "L2": range(11, 16)})

    result = nights.night()

    assert result.exit is Exit.HELD
    assert result.state == "held"
    assert nights.cohort_members() == {"L1": people(range(1, 11)), "L2": people(range(11, 21))}


def test_two_feeds_fill_one_cohort(nights: Nights) -> None:
    nights.feed("rh", "who;cohort", ["u30;L1"], shrink="none")
    nights.cohort("rh")

    assert nights.night().exit is Exit.DONE
    assert nights.cohort_members()["L1"] == people(range(1, 11), range(30, 31))
    nights.feed("rh", "who;cohort", ["u31;L1"])
    assert nights.night().counts == {"join-cohort": 1, "leave-cohort": 1}
    assert nights.cohort_members()["L1"] == people(range(1, 11), range(31, 32))


def test_whoever_has_no_account_waits_for_the_cohort(nights: Nights) -> None:
    deliver(nights, {"L1": [1, 90], "NEW": [91]}, unknown_people="none")
    nights.night()
    waiting = nights.site.fetch("SELECT person, cohort, courseid FROM {local_greffe_waiting} ORDER BY person")
    assert waiting == [
        {"person": "u90", "cohort": "L1", "courseid": 0},
        {"person": "u91", "cohort": "NEW", "courseid": 0},
    ]
    assert nights.cohort_members() == {"L1": ["u01"]}
    nights.site.add_user("u91", idnumber="u91")

    assert nights.night().counts == {"create-cohort": 1, "join-cohort": 1}


def test_rows_of_deleted_people_are_left_alone(nights: Nights) -> None:
    nights.night()
    ours = cohort(nights, "L1")["id"]
    gone = nights.site.add_user("gone", idnumber="gone", deleted=1)
    nights.site.insert("cohort_members", cohortid=ours, userid=gone, timeadded=1)
    nights.site.execute("UPDATE {user} SET deleted = 1 WHERE username = 'u01'")
    deliver(nights, {"L1": range(1, 11), "L2": range(11, 21)}, unknown_people="none")

    assert nights.night().counts == {}
    assert len(nights.site.fetch("SELECT id FROM {cohort_members} WHERE cohortid = %s", ours)) == 11


def test_whoever_renames_the_idnumber_in_moodle_makes_no_second_cohort(nights: Nights) -> None:
    nights.night()
    ours = cohort(nights, "L1")["id"]
    nights.site.execute("UPDATE {cohort} SET idnumber = 'mine' WHERE id = %s", ours)

    assert nights.night().counts == {"update-cohort": 1}
    assert cohort(nights, "L1")["id"] == ours


TABLES = ("cohort", "cohort_members")


def rows(nights: Nights) -> dict[str, Any]:
    return {t: nights.site.fetch("SELECT * FROM {" + t + "} ORDER BY id") for t in TABLES}


def test_undo_brings_back_every_row_and_can_be_taken_back(nights: Nights) -> None:
    nights.more = deepcopy(FREE)
    empty = rows(nights)
    first = nights.night().run
    made = rows(nights)
    nights.cohorts[0]["name"] = "Promotion {{ cohort }}"
    deliver(nights, {"L1": [*range(3, 11), 30], "L3": range(11, 15), "L2": range(11, 21)})
    second = nights.night().run
    changed = rows(nights)

    done = undo(nights.config(), second)

    assert done.refused == []
    assert done.plan.counts() == {"delete-cohort": 1, "join-cohort": 2, "leave-cohort": 5, "update-cohort": 2}
    assert rows(nights) == made
    assert done.result is not None
    again = undo(nights.config(), done.result.run)
    assert again.refused == []
    assert rows(nights) == changed
    assert again.result is not None
    undo(nights.config(), again.result.run)
    assert undo(nights.config(), first).refused == []
    assert rows(nights) == empty


def test_an_undo_is_guarded_as_a_night_is(nights: Nights) -> None:
    run = nights.night().run

    done = undo(nights.config(), run)

    assert done.result is not None
    assert done.result.exit is Exit.HELD
    assert {v.kind for v in done.judgement.verdicts} == {"member-emptied", "member-everybody"}
    assert nights.cohort_members() == {"L1": people(range(1, 11)), "L2": people(range(11, 21))}


def test_undo_for_one_cohort_or_person(nights: Nights) -> None:
    nights.more = deepcopy(FREE)
    run = nights.night().run

    undo(nights.config(), run, person="u01")
    assert nights.cohort_members() == {"L1": people(range(2, 11)), "L2": people(range(11, 21))}
    undo(nights.config(), run, cohort="L2")
    assert nights.cohort_members() == {"L1": people(range(2, 11))}


def test_undo_leaves_a_cohort_that_is_used_since(nights: Nights) -> None:
    nights.more = deepcopy(FREE)
    run = nights.night().run
    course = nights.site.add_course("C1")
    ours = cohort(nights, "L1")["id"]
    nights.site.insert("enrol", enrol="cohort", courseid=course, customint1=ours, sortorder=1)

    done = undo(nights.config(), run)

    assert [(r.course, r.action) for r in done.refused] == [("cohort L1", "create-cohort")]
    assert nights.cohort_members() == {"L1": []}


def test_undo_of_an_adoption_gives_the_cohort_back(nights: Nights) -> None:
    nights.more = deepcopy(FREE)
    nights.site.add_cohort("L1")
    before = rows(nights)
    nights.cohorts[0]["adopt"] = True
    run = nights.night().run

    assert undo(nights.config(), run).refused == []

    assert rows(nights) == before
    del nights.cohorts[0]["adopt"]
    assert [r.course for r in nights.night().refused] == ["cohort L1"]


def test_a_plan_file_is_made_exactly_or_not_at_all(nights: Nights, tmp_path: Path) -> None:
    nights.night()
    nights.cohorts[0]["name"] = "Promotion {{ cohort }}"
    deliver(nights, {"L1": range(2, 12), "L2": range(11, 21), "L3": range(21, 25)})
    file = tmp_path / "tonight.plan"
    wanted = plan(nights.config(), out=file).plan
    nights.site.execute("UPDATE {cohort} SET visible = 0 WHERE idnumber = 'L2'")

    with pytest.raises(StalePlanError, match="cohort L2"):
        apply(nights.config(), file)

    nights.site.execute("UPDATE {cohort} SET visible = 1 WHERE idnumber = 'L2'")
    assert apply(nights.config(), file).counts == wanted.counts()
    assert plan(nights.config()).plan.size == 0
    with pytest.raises(StalePlanError, match="cohort L3"):
        apply(nights.config(), file)


def test_plan_for_one_person_or_cohort(nights: Nights) -> None:
    part = plan(nights.config(), person="u01").plan
    assert [(c.idnumber, [b.users for b in c.batches][1:]) for c in part.cohorts] == [("L1", [[3]])]
    assert [c.idnumber for c in plan(nights.config(), cohort="L2").plan.cohorts] == ["L2"]
    with pytest.raises(ArgumentError):
        plan(nights.config(), cohort="nowhere")


def test_reports_count_cohorts_apart(nights: Nights, tmp_path: Path) -> None:
    document = of_result(nights.night())
    assert [(c.idnumber, c.counts) for c in document.cohorts] == [
        ("L1", {"create-cohort": 1, "join-cohort": 10}),
        ("L2", {"create-cohort": 1, "join-cohort": 10}),
    ]
    assert headline(document) == "Run 1 made 22 changes in 2 cohorts."
    assert '<td class="name">L1</td>' in render([document])
    out = io.StringIO()
    show(console(out), document)
    assert "cohorts created" in out.getvalue()
    account = recount(nights.config(), 1, cohort="L2")
    assert {c.cohort for c in account.changes} == {"L2"}
    assert len(account.changes) == 11


def test_the_doctor_of_a_site_that_keeps_only_cohorts(nights: Nights) -> None:
    nights.site.execute("UPDATE {config} SET value = 'manual' WHERE name = 'enrol_plugins_enabled'")
    assert [f.what for f in doctor(nights.config()) if f.severity in ("stop", "bad")] == []
    assert nights.night().exit is Exit.DONE

    nights.cohorts[0]["category"] = "NOWHERE"
    (found,) = [f for f in doctor(nights.config()) if f.severity == "refused"]
    assert "[[cohort]] number 1" in found.what
    assert "'NOWHERE'" in found.what
