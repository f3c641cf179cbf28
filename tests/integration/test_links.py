"""Which courses have which cohort and which parent, by rules: made, filled, corrected; on real databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from greffe.commands.plan import plan
from greffe.commands.undo import undo
from greffe.errors import Exit
from tests.integration.classes import exact, whole_site
from tests.integration.following import Campus
from tests.integration.linking import in_step, instances, link, only, relink
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite


@pytest.fixture
def campus(moodle_site: MoodleSite, tmp_path: Path) -> Campus:
    found = Campus(Nights(moodle_site, tmp_path))
    found.people(*"abcdefgh")
    return found


# -- made ------------------------------------------------------------------------------------------------------
def test_a_night_makes_the_method_and_enrols_by_it(campus: Campus) -> None:
    campus.course("MED1")
    cohort = campus.cohort("L1", "a", "b")
    link(campus, "MED1 L1")
    before = whole_site(campus.nights)
    night = campus.nights.night()
    assert night.exit is Exit.DONE
    assert night.counts == {"create-method": 1, "enrol": 2, "assign-role": 2}
    made = only(campus)
    assert (made["status"], made["roleid"], made["customint1"], made["customint2"]) == (0, 5, cohort, 0)
    assert campus.active(made["id"]) == set("ab")
    assert campus.roles(made["id"]) == {("a", 5), ("b", 5)}
    in_step(campus)

    undone = undo(campus.nights.config(), night.run)
    assert (undone.refused, undone.result and undone.result.exit) == ([], Exit.DONE)
    after = whole_site(campus.nights)
    for table in before:
        if table != "cache_flags":
            assert after[table] == before[table], table


def test_registrations_reach_cohort_method_and_child_in_one_night(campus: Campus) -> None:
    campus.course("MED1")
    campus.course("TUTO")
    campus.nights.cohort("ia")
    campus.nights.feed("ia", "who;cohort", ["a;L1", "b;L1", "c;L2"], shrink="none")
    link(campus, "MED1 L1", "MED1 L2", group="")
    link(campus, "TUTO MED1", method="meta")
    first = plan(campus.nights.config())
    assert first.plan.counts()["enrol"] == 6
    night = campus.nights.night()
    assert night.exit is Exit.DONE
    assert {i["course"] for i in instances(campus)} == {"MED1"}
    child = only(campus, "meta")
    assert campus.active(child["id"]) == set("abc")
    assert campus.roles(child["id"], "meta") == {(u, 5) for u in "abc"}
    in_step(campus)

    before = exact(campus.nights)
    campus.nights.feed("ia", "who;cohort", ["a;L1", "d;L1", "c;L2"], shrink="none")
    second = campus.nights.night()
    assert campus.active(child["id"]) == set("acd")
    undo(campus.nights.config(), second.run)
    after = exact(campus.nights)
    for table in ("user_enrolments", "role_assignments", "cohort_members"):
        assert after.get(table) == before.get(table), table


def test_in_a_blackout_a_link_to_a_cohort_that_is_to_be_made_is_not_in_error(campus: Campus) -> None:
    campus.course("MED1")
    campus.nights.cohort("ia")
    campus.nights.feed("ia", "who;cohort", ["a;L1"], shrink="none")
    link(campus, "MED1 L1")
    campus.nights.more["calendar"] = {"blackout": [{"from": "2020-01-01", "to": "2099-12-31"}]}
    night = campus.nights.night()
    assert (night.exit, night.counts, night.refused) == (Exit.DONE, {}, [])
    assert instances(campus) == []


def test_links_alone_need_no_external_database(campus: Campus) -> None:
    campus.plugins("manual", "cohort")
    campus.course("MED1")
    campus.cohort("L1", "a")
    link(campus, "MED1 L1")
    assert campus.nights.night().exit is Exit.DONE
    assert campus.active(only(campus)["id"]) == {"a"}


def test_only_what_rules_ask_for_is_brought_in_step(campus: Campus) -> None:
    campus.course("MED1")
    by_hand = campus.instance("cohort", campus.course("OTHER"), campus.cohort("L1", "a"))
    link(campus, "MED1 L1")
    campus.nights.night()
    assert campus.active(by_hand) == set()
    campus.nights.more["run"] = {"sync": ["cohort"]}
    campus.nights.night()
    assert campus.active(by_hand) == {"a"}


def test_a_pattern_over_courses(campus: Campus) -> None:
    for name in ("MED1-2026", "MED2-2026", "MED1-2025", "DRT1-2026"):
        campus.course(name)
    campus.cohort("MED-L1", "a")
    campus.cohort("MED-L2", "b")
    campus.nights.more["link"] = [
        {"method": "cohort", "courses": r"MED(?P<year>\d)-2026", "cohort": "MED-L{{ year }}"}
    ]
    assert campus.nights.night().exit is Exit.DONE
    assert {i["course"]: campus.active(i["id"]) for i in instances(campus)} == {
        "MED1-2026": {"a"},
        "MED2-2026": {"b"},
    }


def test_a_csv_of_links(campus: Campus) -> None:
    campus.course("MED1")
    campus.course("MED2")
    campus.cohort("L1", "a")
    campus.nights.feed("links", "cours;cohorte;role", ["MED1;L1;student", "MED2;L1;editingteacher"])
    del campus.nights.feeds["links"]["person"]
    campus.nights.more["link"] = [
        {"method": "cohort", "feed": "links", "course": "{{ cours }}", "cohort": "{{ cohorte }}", "role": "{{ role }}"}
    ]  # fmt: skip
    assert campus.nights.night().exit is Exit.DONE
    assert {i["course"]: i["roleid"] for i in instances(campus)} == {"MED1": 5, "MED2": 3}
    in_step(campus)

    # a file that is cut short takes nothing away
    file = Path(campus.nights.feeds["links"]["csv"])
    file.write_text("cours;cohorte;role\n", encoding="utf-8")
    bad = campus.nights.night()
    assert bad.exit is Exit.PARTIAL
    assert {i["status"] for i in instances(campus)} == {0}

    file.write_text("cours;cohorte;role\nMED1;L1;student\n", encoding="utf-8")
    assert campus.nights.night().exit is Exit.DONE
    assert {i["course"]: i["status"] for i in instances(campus)} == {"MED1": 0, "MED2": 1}


# -- groups ----------------------------------------------------------------------------------------------------
def test_a_group_is_created_filled_and_taken_back(campus: Campus) -> None:
    course = campus.course("MED1")
    campus.cohort("L1", "a", "b")
    link(campus, "MED1 L1", new_group="Promo {{ cohort }}")
    night = campus.nights.night()
    assert night.exit is Exit.DONE
    (group,) = campus.nights.site.fetch("SELECT id, name FROM {groups} WHERE courseid = %s", course)
    assert group["name"] == "Promo L1"
    made = only(campus)
    assert made["customint2"] == group["id"]
    assert campus.members(group["id"]) == {(u, "enrol_cohort", made["id"]) for u in "ab"}
    in_step(campus)
    undo(campus.nights.config(), night.run)
    assert instances(campus) == []
    assert campus.members(group["id"]) == set()


def test_the_group_changes_with_the_rule(campus: Campus) -> None:
    course = campus.course("MED1")
    campus.cohort("L1", "a", "b")
    link(campus, "MED1 L1", new_group="One")
    campus.nights.night()
    two = campus.nights.site.insert("groups", courseid=course, name="Two", timemodified=1)
    relink(campus, "MED1 L1", group="Two")
    before = whole_site(campus.nights)
    night = campus.nights.night()
    assert night.counts == {"update-method": 1, "join-group": 2, "leave-group": 2}
    assert only(campus)["customint2"] == two
    assert {u for u, _, _ in campus.members(two)} == set("ab")
    in_step(campus)
    undo(campus.nights.config(), night.run)
    after = whole_site(campus.nights)
    for table in ("enrol", "groups_members", "user_enrolments"):
        assert after[table] == before[table]

    relink(campus, "MED1 L1", group="")
    campus.nights.night()
    assert only(campus)["customint2"] == 0
    assert campus.nights.site.fetch("SELECT id FROM {groups_members}") == []


def test_people_who_are_there_join_a_group_that_is_created_later(campus: Campus) -> None:
    campus.course("MED1")
    campus.cohort("L1", "a", "b")
    link(campus, "MED1 L1")
    campus.nights.night()
    relink(campus, "MED1 L1", new_group="Promo")
    night = campus.nights.night()
    assert night.counts["join-group"] == 2
    in_step(campus)


def test_what_a_deleted_method_gave_does_not_reach_a_new_child(campus: Campus) -> None:
    campus.course("P")
    campus.course("M")
    campus.cohort("L1", "a")
    campus.cohort("L2", "a")
    link(campus, "P L1", role="teacher", surplus="delete")
    campus.nights.night()
    relink(campus, "P L2", surplus="delete")
    link(campus, "M P", method="meta")
    campus.nights.night()
    assert campus.roles(only(campus, "meta")["id"], "meta") == {("a", 5)}
    in_step(campus)


def test_a_group_that_is_not_there_is_named(campus: Campus) -> None:
    campus.course("MED1")
    campus.cohort("L1", "a")
    link(campus, "MED1 L1", group="TD9")
    night = campus.nights.night()
    assert night.exit is Exit.REFUSED
    (refused,) = night.refused
    assert refused.course == "[[link]] number 1, row 1"
    assert "MED1 has no group 'TD9'" in refused.reason
    assert instances(campus) == []


# -- corrected -------------------------------------------------------------------------------------------------
def test_role_and_status_are_corrected_where_the_method_is_greffes(campus: Campus) -> None:
    campus.course("MED1")
    campus.cohort("L1", "a", "b")
    link(campus, "MED1 L1")
    campus.nights.night()
    relink(campus, "MED1 L1", role="teacher")
    before = whole_site(campus.nights)
    night = campus.nights.night()
    made = only(campus)
    assert made["roleid"] == 4
    assert campus.roles(made["id"]) == {("a", 4), ("b", 4)}
    in_step(campus)
    undo(campus.nights.config(), night.run)
    after = whole_site(campus.nights)
    for table in ("enrol", "role_assignments"):
        assert after[table] == before[table]
    campus.nights.night()

    campus.nights.site.execute("UPDATE {enrol} SET status = 1 WHERE id = %s", made["id"])
    campus.nights.night()
    assert only(campus)["status"] == 0
    relink(campus, "MED1 L1", role="teacher", enabled=False)
    night = campus.nights.night()
    assert only(campus)["status"] == 1
    assert campus.roles(made["id"]) == set()
    path = campus.nights.site.fetch("SELECT path FROM {context} x JOIN {course} c ON c.id = x.instanceid AND x.contextlevel = 50 WHERE c.shortname = 'MED1'")[0]["path"]  # fmt: skip
    flags = campus.nights.site.fetch("SELECT flagtype FROM {cache_flags} WHERE name = %s", path)
    assert [f["flagtype"] for f in flags] == ["accesslib/dirtycontexts"]
    in_step(campus)


def test_a_method_made_by_hand_is_left_alone_or_adopted(campus: Campus) -> None:
    course = campus.course("MED1")
    by_hand = campus.instance("cohort", course, campus.cohort("L1", "a"), roleid=4)
    link(campus, "MED1 L1")
    night = campus.nights.night()
    assert night.exit is Exit.REFUSED
    assert f"made by hand (id {by_hand}), with another role" in night.refused[0].reason
    assert only(campus)["roleid"] == 4

    relink(campus, "MED1 L1", adopt=True)
    adopted = campus.nights.night()
    assert adopted.exit is Exit.DONE
    assert only(campus)["roleid"] == 5
    in_step(campus)
    relink(campus, surplus="disable")
    assert campus.nights.night().exit is Exit.DONE
    assert only(campus)["status"] == 1


def test_a_method_made_by_hand_that_is_as_wanted_is_nobodys_business(campus: Campus) -> None:
    course = campus.course("MED1")
    by_hand = campus.instance("cohort", course, campus.cohort("L1", "a"))
    link(campus, "MED1 L1")
    assert campus.nights.night().exit is Exit.DONE
    assert only(campus)["id"] == by_hand
    assert campus.active(by_hand) == {"a"}
    relink(campus)
    campus.nights.night()
    assert only(campus)["status"] == 0


# -- meta ------------------------------------------------------------------------------------------------------
def test_a_circle_is_refused_with_its_path_and_no_part_of_it_is_made(campus: Campus) -> None:
    parent, child, _ = campus.course("P"), campus.course("K"), campus.course("E")
    campus.course("F")
    campus.instance("meta", child, parent)
    link(campus, "E K", "P E", "F E", method="meta")
    night = campus.nights.night()
    assert night.exit is Exit.REFUSED
    assert {r.course: r.reason.rpartition(": ")[2] for r in night.refused} == {
        "[[link]] number 1, row 1": "E → P → K → E",
        "[[link]] number 1, row 2": "P → K → E → P",
    }
    assert [i["course"] for i in instances(campus, "meta")] == ["K", "F"]


def test_a_course_cannot_be_its_own_parent(campus: Campus) -> None:
    campus.course("P")
    link(campus, "P P", method="meta")
    night = campus.nights.night()
    assert "cannot be its own parent" in night.refused[0].reason
