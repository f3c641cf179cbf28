"""Which courses have which cohort and which parent, by rules: made, corrected, given up, taken back; on real databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from greffe.apply.stays import TAKEN
from greffe.apply.undo import HOME_LOST
from greffe.commands.apply import apply
from greffe.commands.plan import plan
from greffe.commands.release import release
from greffe.commands.reporting import of_result
from greffe.commands.undo import undo
from greffe.errors import ArgumentError, ConfigError, Exit, StalePlanError
from tests.integration.classes import whole_site
from tests.integration.following import Campus
from tests.integration.nights import Nights
from tests.integration.test_undo import exact
from tests.lab.site import MoodleSite

CLOCKS = {"timemodified", "timecreated"}


@pytest.fixture
def campus(moodle_site: MoodleSite, tmp_path: Path) -> Campus:
    found = Campus(Nights(moodle_site, tmp_path))
    found.people(*"abcdefgh")
    return found


def link(campus: Campus, *rows: str, **options: Any) -> None:
    """One rule whose table holds these rows: ``course cohort``, or ``course parent``."""
    method = options.setdefault("method", "cohort")
    key = "cohort" if method == "cohort" else "parent"
    table = [dict(zip(("course", key), r.split(), strict=True)) for r in rows]
    campus.nights.more.setdefault("link", []).append({"table": table} | options)


def relink(campus: Campus, *rows: str, **options: Any) -> None:
    """The same rule with other rows."""
    campus.nights.more["link"] = []
    link(campus, *rows, **options)


def instances(campus: Campus, method: str = "cohort") -> list[dict[str, Any]]:
    return campus.nights.site.fetch(
        "SELECT e.id, c.shortname AS course, e.status, e.roleid, e.customint1, e.customint2 FROM {enrol} e"
        " JOIN {course} c ON c.id = e.courseid WHERE e.enrol = %s ORDER BY e.id",
        method,
    )


def only(campus: Campus, method: str = "cohort") -> dict[str, Any]:
    (found,) = instances(campus, method)
    return found


def in_step(campus: Campus) -> None:
    again = plan(campus.nights.config())
    assert again.plan.size == 0
    assert again.refused == []


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
    assert any("grades would go with them" in n for n in night.night.notes)
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


# -- plan files, contradictions, bad configurations --------------------------------------------------------------
def test_a_plan_file_makes_methods_or_goes_stale(campus: Campus, tmp_path: Path) -> None:
    course = campus.course("MED1")
    cohort = campus.cohort("L1", "a")
    link(campus, "MED1 L1", new_group="G")
    file = tmp_path / "tonight.plan"
    plan(campus.nights.config(), out=file)
    assert apply(campus.nights.config(), file).exit is Exit.DONE
    in_step(campus)

    relink(campus, "MED1 L1", role="teacher")
    plan(campus.nights.config(), out=file)
    assert apply(campus.nights.config(), file).exit is Exit.DONE
    relink(campus, "MED1 L1", role="student")
    plan(campus.nights.config(), out=file)
    campus.nights.site.execute("UPDATE {enrol} SET roleid = 3 WHERE id = %s", only(campus)["id"])
    with pytest.raises(StalePlanError, match="MED1 ← L1"):
        apply(campus.nights.config(), file)

    campus.course("MED2")
    relink(campus, "MED1 L1", "MED2 L1")
    plan(campus.nights.config(), out=file)
    campus.instance("cohort", course + 1, cohort)
    try:
        twin = apply(campus.nights.config(), file)
    except StalePlanError:
        return
    assert any("got this method since" in r.reason for r in twin.refused)


def test_rows_that_disagree_are_named(campus: Campus) -> None:
    campus.course("MED1")
    campus.cohort("L1", "a")
    link(campus, "MED1 L1")
    link(campus, "MED1 L1", role="teacher")
    night = campus.nights.night()
    assert night.exit is Exit.REFUSED
    reason = night.refused[0].reason
    assert "[[link]] number 1, row 1: role id 5" in reason
    assert "[[link]] number 2, row 1: role id 4" in reason
    assert instances(campus) == []


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        ({"method": "cohort"}, "give one of table, feed and courses"),
        ({"method": "cohort", "table": [], "parent": "{{ x }}"}, "parent is for the method meta"),
        ({"method": "meta", "table": [], "cohort": "{{ x }}"}, "cohort is for the method cohort"),
        ({"method": "cohort", "table": [], "group": "a", "new_group": "b"}, "not both"),
        ({"method": "cohort", "courses": "(", "cohort": "x"}, "no regular expression"),
        ({"method": "cohort", "courses": "x"}, "needs a template cohort"),
        ({"method": "cohort", "feed": "nowhere"}, r"there is no \[feed.nowhere\]"),
        ({"method": "cohort", "table": [{"a b": "x"}]}, "cannot be the name of a column"),
        ({"method": "cohort", "table": [], "surplus": "burn"}, "surplus"),
    ],
)
def test_a_rule_that_leads_nowhere_is_refused(campus: Campus, rule: dict[str, Any], word: str) -> None:
    campus.nights.more["link"] = [rule]
    with pytest.raises(ConfigError, match=word):
        campus.nights.config()


def test_a_column_that_is_not_there_is_named(campus: Campus) -> None:
    campus.nights.more["link"] = [{"method": "cohort", "table": [{"cours": "MED1", "cohort": "L1"}]}]
    with pytest.raises(ConfigError, match="names course, which it does not have; it has cohort, cours"):
        campus.nights.night()


def test_a_misspelt_column_gives_nothing_up(campus: Campus) -> None:
    campus.course("MED1")
    campus.course("MED2")
    campus.cohort("L1", "a")
    link(campus, "MED1 L1", "MED2 L1")
    campus.nights.night()
    rows = [{"course": "MED1", "cohort": "L1"}, {"course": "MED2", "cohrt": "L1"}]
    campus.nights.more["link"] = [{"method": "cohort", "table": rows}]
    with pytest.raises(ConfigError, match="no template uses cohrt of the table"):
        campus.nights.night()
    campus.nights.more["link"] = [{"method": "cohort", "table": [rows[0], {"course": "MED2"}]}]
    night = campus.nights.night()
    assert night.exit is Exit.REFUSED
    assert [(r.course, r.reason) for r in night.refused] == [
        ("[[link]] number 1, row 2", "the row has no cohort")
    ]
    assert {i["status"] for i in instances(campus)} == {0}


def test_a_row_without_its_role_gives_nobody_an_enrolment_without_one(campus: Campus) -> None:
    campus.course("MED1")
    campus.course("MED2")
    campus.cohort("L1", "a")
    rows = [{"course": "MED1", "cohort": "L1", "role": "student"}, {"course": "MED2", "cohort": "L1"}]
    campus.nights.more["link"] = [{"method": "cohort", "table": rows, "role": "{{ role }}"}]
    night = campus.nights.night()
    assert night.refused[0].reason == "the row has no role"
    assert [i["course"] for i in instances(campus)] == ["MED1"]


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


def only_in(campus: Campus, course: str) -> int:
    (found,) = [i["id"] for i in instances(campus) if i["course"] == course]
    return int(found)
