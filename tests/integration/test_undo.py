"""Exact undo: every row back with its own id and all its columns, or refused and listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from greffe.commands.undo import Undoing, undo
from greffe.errors import Exit
from greffe.moodle.database import Database, Settings
from tests.integration.classes import Class, add_classes, exact, leave_traces, whole_site
from tests.integration.departure.leavers import deliver, everybody
from tests.integration.nights import NO_GUARDS, Nights
from tests.lab.site import MoodleSite


@pytest.fixture
def nights(moodle_site: MoodleSite, tmp_path: Path) -> Nights:
    found = Nights(moodle_site, tmp_path)
    found.more = {"guards": NO_GUARDS}
    found.rule("ip", leavers="unenrol", purge={"with_grades": True}, group="{{ td }}")
    return found


def traced(nights: Nights, people: int, courses: int) -> tuple[list[int], list[Class]]:
    """A site on which all are in all courses, through Greffe, and have left their traces there."""
    ids, classes = everybody(nights, people, courses, group="")
    leave_traces(nights, classes, ids, grades=True)
    return ids, classes


def took(done: Undoing) -> dict[str, int]:
    assert done.result is not None
    assert (done.refused, done.result.exit) == ([], Exit.DONE)
    return done.result.counts


def test_a_full_unenrolment_comes_back_and_goes_again(nights: Nights) -> None:
    ids, classes = traced(nights, 30, 3)
    before = exact(nights)
    deliver(nights, ((f"u{n}", c.name) for n in range(10) for c in classes), group="")
    night = nights.night()
    after = exact(nights)
    assert after != before
    history = whole_site(nights)["grade_grades_history"]

    first = undo(nights.config(), night.run)
    counts = took(first)
    assert exact(nights) == before
    assert counts["enrol"] == counts["restore-visit"] == 60
    assert counts["restore-grade"] == len(history) == 180
    assert counts["restore-reading"] == 240
    # what Moodle keeps is kept, and told
    assert whole_site(nights)["grade_grades_history"] == history
    assert [(k.course, k.rows, k.users) for k in first.history] == [(c.name, 60, ids[10:]) for c in classes]
    assert undo(nights.config(), night.run).plan.size == 0

    assert first.result is not None
    second = undo(nights.config(), first.result.run)
    took(second)
    assert exact(nights) == after
    assert second.result is not None
    took(undo(nights.config(), second.result.run))
    assert exact(nights) == before


@pytest.mark.parametrize("part", ["course", "person"])
def test_a_part_comes_back(nights: Nights, part: str) -> None:
    ids, classes = traced(nights, 6, 2)
    before = exact(nights)
    deliver(nights, [("u0", "C0"), ("u0", "C1")], group="")
    night = nights.night()
    after = exact(nights)
    enrols = {i: e["courseid"] for i, e in before["enrol"].items()}
    one = classes[1]

    def concerned(table: str, row: dict[str, Any]) -> bool:
        if part == "person":
            return bool(row.get("userid") == ids[3])
        places: dict[str, Callable[[dict[str, Any]], bool]] = {
            "user_enrolments": lambda r: enrols[r["enrolid"]] == one.course,
            "role_assignments": lambda r: r["contextid"] in (one.context, one.module, one.block),
            "groups_members": lambda r: r["groupid"] in one.groups,
            "message_conversation_members": lambda r: r["conversationid"] in one.conversations,
            "grade_grades": lambda r: r["itemid"] in one.items.values(),
            "user_lastaccess": lambda r: r["courseid"] == one.course,
            "forum_subscriptions": lambda r: r["forum"] in one.forums,
            "forum_digests": lambda r: r["forum"] in one.forums,
            "forum_track_prefs": lambda r: r["forumid"] in one.forums,
            "forum_read": lambda r: r["forumid"] in one.forums,
        }
        return table in places and places[table](row)

    options: dict[str, str] = {"course": "C1"} if part == "course" else {"person": "u3"}
    took(undo(nights.config(), night.run, **options))  # type: ignore[arg-type]
    expected = {
        t: found | {i: r for i, r in before[t].items() if concerned(t, r)} for t, found in after.items()
    }
    assert {t: dict(sorted(r.items())) for t, r in exact(nights).items()} == {
        t: dict(sorted(r.items())) for t, r in expected.items()
    }
    took(undo(nights.config(), night.run))
    assert exact(nights) == before


def test_suspensions_times_and_roles_are_as_they_were_with_their_clocks(nights: Nights) -> None:
    nights.rules[0] |= {"leavers": "suspend-no-roles", "role": "{{ role }}", "end": "{{ end }}"}
    del nights.rules[0]["purge"]
    nights.site.add_users([{"username": f"u{n}", "idnumber": f"u{n}"} for n in range(12)])
    add_classes(nights, ["C0"])

    def night(rows: Iterable[str]) -> int:
        nights.feed("ip", "who;course;td;role;end", list(rows), min_rows=0, shrink="none")
        return nights.night().run

    night(f"u{n};C0;G1;student;" for n in range(10))
    nights.site.execute(
        "UPDATE {user_enrolments} SET timemodified = 17, modifierid = 3, timeend = id % 2 * 2000000000"
    )
    nights.site.execute("INSERT INTO {role_assignments} (roleid, contextid, userid, component, itemid, timemodified, modifierid, sortorder)"
                        " SELECT roleid, contextid, userid, component, itemid, 44, 9, 7 FROM {role_assignments} WHERE component = 'enrol_database'")  # fmt: skip
    states = [exact(nights)]
    runs = []
    for rows in (
        [f"u{n};C0;G2;teacher;2030-01-01" for n in range(2, 12)],
        [f"u{n};C0;G1;student;" for n in range(6)],
        [f"u{n};C0;;student;2031-01-01" for n in range(12)],
    ):
        runs.append(night(rows))
        states.append(exact(nights))
    for run, state in zip(reversed(runs), reversed(states[:-1]), strict=True):
        took(undo(nights.config(), run))
        assert exact(nights) == state


# -- conversations -------------------------------------------------------------------------------------------
def test_a_group_that_got_a_conversation_since(nights: Nights) -> None:
    nights.rules[0]["leavers"] = "suspend"
    del nights.rules[0]["purge"]
    ids = nights.site.add_users([{"username": f"u{n}", "idnumber": f"u{n}"} for n in range(4)])
    (one,) = add_classes(nights, ["C0"])
    nights.site.execute("DELETE FROM {message_conversations}")
    people = [(f"u{n}", "C0") for n in range(4)]
    deliver(nights, people, group="")
    nights.night()
    alone = exact(nights)
    deliver(nights, people, group="G1")
    joined = nights.night()

    # Moodle makes the conversation with all members of the group
    talk = nights.site.insert(
        "message_conversations", type=2, component="core_group", itemtype="groups", itemid=one.groups[0], contextid=one.context, enabled=1, timecreated=1,
    )  # fmt: skip
    for user in ids:
        nights.site.insert("message_conversation_members", conversationid=talk, userid=user, timecreated=1)
    alone["message_conversations"] = whole_site(nights)["message_conversations"]
    together = exact(nights)
    back = undo(nights.config(), joined.run)
    assert took(back) == {"leave-group": 4, "leave-conversation": 4}
    assert exact(nights) == alone
    assert back.result is not None
    assert took(undo(nights.config(), back.result.run)) == {"join-group": 4, "join-conversation": 4}
    assert exact(nights) == together

    # and who left before there was one is taken in when he is back
    nights.site.execute("DELETE FROM {message_conversations}")
    nights.site.execute("DELETE FROM {message_conversation_members}")
    deliver(nights, people, group="")
    left = nights.night()
    assert left.counts == {"leave-group": 4}
    nights.site.insert(
        "message_conversations", type=2, component="core_group", itemtype="groups", itemid=one.groups[0], contextid=one.context, enabled=1, timecreated=1,
    )  # fmt: skip
    assert took(undo(nights.config(), left.run)) == {"join-group": 4, "join-conversation": 4}
    members = whole_site(nights)["message_conversation_members"].values()
    assert {m["userid"] for m in members} == set(ids)


# -- refusals ------------------------------------------------------------------------------------------------
def test_what_stands_in_the_place_of_a_row_is_never_overwritten(nights: Nights) -> None:
    ids, classes = traced(nights, 9, 1)
    (one,) = classes
    before = exact(nights)
    deliver(nights, [("u8", "C0")], group="")
    night = nights.night()
    site = nights.site
    # each of the others has something new there, or has lost what a row belongs to
    manual = site.fetch("SELECT id FROM {enrol} WHERE enrol = 'manual' ORDER BY id")[0]["id"]
    site.insert("user_enrolments", enrolid=manual, userid=ids[0], timeend=0)
    newer = {
        "grade_grades": site.insert("grade_grades", itemid=one.items["quiz"], userid=ids[0], rawgrade=19),
        "groups_members": site.insert("groups_members", groupid=one.groups[0], userid=ids[1], timeadded=99),
        "role_assignments": site.insert("role_assignments", roleid=3, contextid=one.context, userid=ids[2]),
        "user_lastaccess": site.insert("user_lastaccess", courseid=one.course, userid=ids[3], timeaccess=5),
        "forum_subscriptions": site.insert("forum_subscriptions", forum=one.forums[0], userid=ids[4]),
    }
    site.execute("UPDATE {user} SET deleted = 1 WHERE id = %s", ids[5])
    site.execute("DELETE FROM {grade_items} WHERE id = %s", one.items["sum"])
    site.execute("DELETE FROM {context} WHERE id = %s", one.block)
    now = whole_site(nights)

    done = undo(nights.config(), night.run)
    assert done.result is not None
    assert done.result.exit is Exit.REFUSED
    after = whole_site(nights)
    for table, id_ in newer.items():
        assert after[table][id_] == now[table][id_]
    refused = {(r.action, "newer" in r.reason): set(r.users) for r in done.refused}
    assert refused["delete-grade", True] == {ids[0]}
    assert refused["leave-group", True] == {ids[1]}
    assert refused["remove-role", True] == {ids[2]}
    assert refused["forget-visit", True] == {ids[3]}
    assert refused["unsubscribe", True] == {ids[4]}
    assert refused["unenrol", False] == {ids[5]}
    assert refused["delete-grade", False] == set(ids[:8])
    assert refused["remove-role", False] == set(ids[:8])
    # everything else is back: as many rows as were there, less those that are listed, plus those that are new
    listed = {
        "user_enrolments": 1, "groups_members": 1 + 2, "message_conversation_members": 2, "user_lastaccess": 1 + 1,
        "forum_subscriptions": 1 + 2, "forum_digests": 2, "forum_track_prefs": 2, "forum_read": 4,
        "grade_grades": 1 + 8 + 2, "role_assignments": 1 + 8 + 4,
    }  # fmt: skip
    for table, missing in listed.items():
        back = {i: r for i, r in before[table].items() if i in after[table]}
        assert len(before[table]) - len(back) == missing, table
        assert all(after[table][i] == r for i, r in back.items()), table


def test_an_enrolment_that_is_in_use_stays_with_all_that_came_with_it(nights: Nights) -> None:
    ids = list(nights.site.add_users([{"username": f"u{n}", "idnumber": f"u{n}"} for n in range(8)]))
    (one,) = add_classes(nights, ["C0"])
    before = exact(nights)
    deliver(nights, [(f"u{n}", "C0") for n in range(8)], group="G1")
    night = nights.night()
    site = nights.site
    site.insert("user_lastaccess", courseid=one.course, userid=ids[0], timeaccess=5)
    site.insert("grade_grades", itemid=one.items["quiz"], userid=ids[1])
    site.insert("role_assignments", roleid=4, contextid=one.module, userid=ids[2])
    site.insert("forum_read", forumid=one.forums[1], userid=ids[3], discussionid=1, postid=1)
    site.insert("groups_members", groupid=one.groups[1], userid=ids[4])
    site.execute(
        "UPDATE {user_enrolments} SET timemodified = timemodified + 1, status = 1 WHERE userid = %s", ids[5]
    )
    now = exact(nights)
    done = undo(nights.config(), night.run)
    after = exact(nights)
    assert done.result is not None
    assert done.result.exit is Exit.REFUSED
    assert {u for r in done.refused for u in r.users} == set(ids[:6])
    assert {r.action for r in done.refused} == {"enrol", "assign-role", "join-group", "join-conversation"}
    gone = set(ids[6:])
    assert after == {
        t: {i: r for i, r in found.items() if r.get("userid") not in gone} for t, found in now.items()
    } | {"user": before["user"]}
    # once the traces are gone, the rest goes too
    for table in ("user_lastaccess", "grade_grades", "forum_read"):
        site.execute("DELETE FROM {" + table + "}")
    assert {u for r in undo(nights.config(), night.run).refused for u in r.users} == {ids[2], ids[4], ids[5]}


def test_what_an_undo_brought_back_and_somebody_used_is_not_taken_again(nights: Nights) -> None:
    ids, classes = traced(nights, 4, 1)
    deliver(nights, [("u0", "C0")], group="")
    night = nights.night()
    back = undo(nights.config(), night.run)
    took(back)
    nights.site.execute(
        "UPDATE {grade_grades} SET finalgrade = 7 WHERE userid = %s AND itemid = %s", ids[1], classes[0].items["quiz"]
    )  # fmt: skip
    nights.site.execute("UPDATE {user_lastaccess} SET timeaccess = 99 WHERE userid = %s", ids[2])
    now = exact(nights)
    assert back.result is not None
    again = undo(nights.config(), back.result.run)
    assert {u for r in again.refused for u in r.users} == {ids[1], ids[2]}
    after = exact(nights)
    for table, found in after.items():
        assert found == {i: r for i, r in now[table].items() if r.get("userid") != ids[3]}, table


# -- cost ----------------------------------------------------------------------------------------------------
def test_statements_do_not_grow_with_people_and_courses(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections: list[Database] = []
    init = Database.__init__

    def noted(self: Database, settings: Settings) -> None:
        connections.append(self)
        init(self, settings)

    monkeypatch.setattr(Database, "__init__", noted)
    _, classes = traced(nights, 16, 8)

    def statements(leavers: int, courses: int) -> int:
        going = {(f"u{n}", f"C{c}") for n in range(leavers) for c in range(courses)}
        deliver(nights, sorted({(f"u{n}", c.name) for n in range(16) for c in classes} - going), group="")
        run = nights.night().run
        connections.clear()
        took(undo(nights.config(), run))
        return sum(c.statements for c in connections)

    few, many = statements(2, 1), statements(16, 8)
    # JSON and inserts are cut at some hundred kB
    assert many <= few + 20
