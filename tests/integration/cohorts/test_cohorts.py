"""Cohorts from their first night on: made, filled, changed; on real databases."""

from __future__ import annotations

from greffe.commands.plan import plan
from greffe.errors import Exit
from tests.integration.cohorts.promotions import cohort, deliver, people
from tests.integration.nights import Nights


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
