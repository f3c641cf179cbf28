"""`greffe methods sync` for cohorts on real databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from greffe.commands.undo import undo
from greffe.errors import ArgumentError, Exit, SiteNotReadyError
from tests.integration.classes import add_classes, exact, leave_traces, whole_site
from tests.integration.following import Campus, done
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite


@pytest.fixture
def campus(moodle_site: MoodleSite, tmp_path: Path) -> Campus:
    found = Campus(Nights(moodle_site, tmp_path))
    found.people(*"abcdefgh")
    return found


def test_members_join_and_leave(campus: Campus) -> None:
    course = campus.course("C1")
    cohort = campus.cohort("L1", "a", "b", "c")
    enrol = campus.instance("cohort", course, cohort)
    assert done(campus) == {"enrol": 3, "assign-role": 3}
    assert campus.enrolments(enrol) == dict.fromkeys("abc", (0, 0, 0))
    assert campus.roles(enrol) == {(u, 5) for u in "abc"}
    before = exact(campus.nights)

    campus.cohort("L1", "b", "d")
    assert done(campus) == {"enrol": 1, "assign-role": 1, "unenrol": 2, "remove-role": 2}
    assert campus.active(enrol) == {"b", "d"}

    undone = undo(campus.nights.config(), 2)
    assert undone.result is not None
    assert undone.result.exit is Exit.DONE
    after = exact(campus.nights)
    for table in ("user_enrolments", "role_assignments", "groups_members", "enrol"):
        assert after[table] == before[table]


@pytest.mark.parametrize(
    ("action", "status", "role"), [(2, 1, {("a", 5), ("b", 5)}), (3, 1, {("b", 5)}), (1, 1, {("b", 5)})]
)
def test_leavers_as_the_site_says(
    campus: Campus, action: int, status: int, role: set[tuple[str, int]]
) -> None:
    campus.setting("enrol_cohort", "unenrolaction", action)
    enrol = campus.instance("cohort", campus.course("C1"), campus.cohort("L1", "a", "b"))
    done(campus)
    campus.cohort("L1", "b")
    done(campus)
    assert campus.enrolments(enrol) == {"a": (status, 0, 0), "b": (0, 0, 0)}
    assert campus.roles(enrol) == role
    # suspended by hand, or years ago: a member is active again
    campus.cohort("L1", "a", "b")
    assert done(campus)["reactivate"] == 1
    assert campus.active(enrol) == {"a", "b"}


def test_who_changes_cohort_within_a_course_keeps_what_is_his(campus: Campus) -> None:
    classes = add_classes(campus.nights, ["C1"])
    course = classes[0].course
    first, second = campus.cohort("G1", "a", "b"), campus.cohort("G2", "c")
    one, two = campus.instance("cohort", course, first), campus.instance("cohort", course, second)
    done(campus)
    leave_traces(campus.nights, classes, [campus.users["a"]], grades=True)
    before = whole_site(campus.nights)
    state = exact(campus.nights)
    campus.cohort("G1", "b")
    campus.cohort("G2", "a", "c")
    counts = done(campus)
    assert counts == {"enrol": 1, "assign-role": 1, "unenrol": 1, "remove-role": 1}
    assert campus.active(one) == {"b"}
    assert campus.active(two) == {"a", "c"}
    after = whole_site(campus.nights)
    for table in ("grade_grades", "user_lastaccess", "forum_subscriptions", "groups_members"):
        assert after[table] == before[table]
    undone = undo(campus.nights.config(), 2)
    assert undone.result is not None
    assert (undone.refused, undone.result.exit) == ([], Exit.DONE)
    assert exact(campus.nights)["user_enrolments"] == state["user_enrolments"]
    assert exact(campus.nights)["role_assignments"] == state["role_assignments"]


def test_a_last_enrolment_by_two_methods_at_once_takes_everything(campus: Campus) -> None:
    classes = add_classes(campus.nights, ["C1"])
    course = classes[0].course
    campus.instance("cohort", course, campus.cohort("G1", "a", "b"))
    campus.instance("cohort", course, campus.cohort("G2", "a"))
    done(campus)
    leave_traces(campus.nights, classes, [campus.users["a"]], grades=True)
    before = exact(campus.nights)
    campus.cohort("G1", "b")
    campus.cohort("G2")
    shown = campus.sync(dry_run=True)
    assert shown.plan.counts() == {"unenrol": 2}
    counts = done(campus)
    assert counts["unenrol"] == 2
    after = whole_site(campus.nights)
    a = campus.users["a"]
    for table in (
        "grade_grades",
        "user_lastaccess",
        "forum_subscriptions",
        "groups_members",
        "role_assignments",
    ):
        assert not [r for r in after[table].values() if r["userid"] == a]
    undone = undo(campus.nights.config(), 2)
    assert undone.result is not None
    assert (undone.refused, undone.result.exit) == ([], Exit.DONE)
    changed = exact(campus.nights)
    for table in before:
        if not table.startswith("cohort"):
            assert changed[table] == before[table], table


def test_the_group_is_filled_and_emptied_with_its_conversation(campus: Campus) -> None:
    classes = add_classes(campus.nights, ["C1"])
    one, other = classes[0].groups
    course = classes[0].course
    enrol = campus.instance("cohort", course, campus.cohort("L1", "a", "b"), customint2=one)
    assert done(campus) == {"enrol": 2, "assign-role": 2, "join-group": 2, "join-conversation": 2}
    assert campus.members(one) == {("a", "enrol_cohort", enrol), ("b", "enrol_cohort", enrol)}
    campus.nights.site.execute("UPDATE {enrol} SET customint2 = %s WHERE id = %s", other, enrol)
    counts = done(campus)
    assert counts == {"join-group": 2, "leave-group": 2, "join-conversation": 2, "leave-conversation": 2}
    assert campus.members(one) == set()
    # never set: nobody is taken out; 0: everybody
    campus.nights.site.execute("UPDATE {enrol} SET customint2 = NULL WHERE id = %s", enrol)
    assert done(campus) == {}
    campus.nights.site.execute("UPDATE {enrol} SET customint2 = 0 WHERE id = %s", enrol)
    assert done(campus) == {"leave-group": 2, "leave-conversation": 2}
    # a group of another course is nobody's
    foreign = campus.nights.site.insert("groups", courseid=campus.course("C2"), name="G")
    campus.nights.site.execute("UPDATE {enrol} SET customint2 = %s WHERE id = %s", foreign, enrol)
    assert done(campus) == {}


def test_a_disabled_instance_gives_nobody_anything(campus: Campus) -> None:
    enrol = campus.instance("cohort", campus.course("C1"), campus.cohort("L1", "a", "b"))
    done(campus)
    campus.nights.site.execute("UPDATE {enrol} SET status = 1 WHERE id = %s", enrol)
    campus.cohort("L1", "a", "c")
    assert done(campus) == {"remove-role": 2, "unenrol": 1}
    assert campus.enrolments(enrol) == {"a": (0, 0, 0)}
    assert campus.roles(enrol) == set()


def test_roles_as_moodle_leaves_them(campus: Campus) -> None:
    course = campus.course("C1")
    enrol = campus.instance("cohort", course, campus.cohort("L1", "a", "b"))
    done(campus)
    # another role of the instance stays; a role that is gone gives none
    campus.nights.site.execute("UPDATE {enrol} SET roleid = 3 WHERE id = %s", enrol)
    assert done(campus) == {"assign-role": 2}
    assert campus.roles(enrol) == {(u, r) for u in "ab" for r in (3, 5)}
    campus.nights.site.execute("UPDATE {enrol} SET roleid = 999 WHERE id = %s", enrol)
    assert done(campus) == {}
    campus.cohort("L1", "a", "b", "c")
    assert done(campus) == {"enrol": 1}
    # nobody's rights changed by that: Moodle flags nobody
    c = campus.users["c"]
    assert not campus.nights.site.fetch("SELECT id FROM {cache_flags} WHERE name = %s", str(c))


def test_the_deleted_get_nothing(campus: Campus) -> None:
    course = campus.course("C1")
    enrol = campus.instance("cohort", course, campus.cohort("L1", "a", "b", "c"))
    campus.nights.site.execute("UPDATE {user} SET deleted = 1 WHERE id = %s", campus.users["b"])
    assert done(campus) == {"enrol": 2, "assign-role": 2}
    assert campus.active(enrol) == {"a", "c"}


def test_what_is_switched_off_is_refused_or_left(campus: Campus) -> None:
    enrol = campus.instance("cohort", campus.course("C1"), campus.cohort("L1", "a"))
    done(campus)
    campus.plugins("manual", "meta")
    with pytest.raises(SiteNotReadyError, match="switched off"):
        campus.sync("cohort")
    synced = campus.sync()
    assert synced.notes == [
        "The method cohort is switched off in Moodle; its 1 instances were left as they are."
    ]
    assert campus.roles(enrol) == {("a", 5)}
    campus.plugins("manual")
    with pytest.raises(SiteNotReadyError, match="neither"):
        campus.sync()
    campus.plugins("cohort")
    with pytest.raises(ArgumentError):
        campus.sync(course="nowhere")


def test_one_course_alone(campus: Campus) -> None:
    cohort = campus.cohort("L1", "a", "b")
    one = campus.instance("cohort", campus.course("C1"), cohort)
    two = campus.instance("cohort", campus.course("C2"), cohort)
    campus.sync(course="C1")
    assert campus.active(one) == {"a", "b"}
    assert campus.active(two) == set()


def test_the_guards_hold_an_instance_and_all(campus: Campus) -> None:
    people = [f"p{n}" for n in range(40)]
    campus.people(*people)
    course = campus.course("C1")
    one = campus.instance("cohort", course, campus.cohort("L1", *people))
    two = campus.instance("cohort", course, campus.cohort("L2", *people))
    done(campus)
    campus.nights.more["guards"] = {"feed": {"removals": "none", "emptied": "none"}}
    campus.cohort("L1", *people[:20])
    campus.cohort("L2", *people[:39])
    held = campus.sync()
    assert held.result is not None
    assert held.result.exit is Exit.HELD
    assert held.judgement.held_places == {(course, one)}
    assert len(campus.active(one)) == 40
    assert len(campus.active(two)) == 39
    from greffe.commands.approve import approve

    approve(campus.nights.config(), held.judgement.digest, by="A. Martin")
    passed = campus.sync()
    assert passed.result is not None
    assert passed.result.exit is Exit.DONE
    assert len(campus.active(one)) == 20
    campus.nights.more["guards"] = {"feed": {"at_most": 5}, "scope": {"removals": "none"}}
    campus.cohort("L1", *people[:10])
    stopped = campus.sync()
    assert stopped.judgement.stops
    assert len(campus.active(one)) == 20


def test_two_instances_share_a_group(campus: Campus) -> None:
    """Whoever leaves by one of them stays in the group by the other, as after Moodle's own sync."""
    course = campus.course("MED1")
    group = campus.nights.site.insert("groups", courseid=course, name="Tous", timemodified=1)
    one = campus.instance("cohort", course, campus.cohort("L1", "a", "b"), customint2=group)
    two = campus.instance("cohort", course, campus.cohort("L2", "a", "c"), customint2=group)
    first = campus.sync()
    assert first.plan.counts()["join-group"] == 3
    assert campus.members(group) == {("a", "enrol_cohort", one), ("b", "enrol_cohort", one), ("c", "enrol_cohort", two)}  # fmt: skip
    talk = campus.nights.site.insert(
        "message_conversations", type=2, component="core_group", itemtype="groups", itemid=group, enabled=1, timecreated=1
    )  # fmt: skip
    for who in "abc":
        campus.nights.site.insert(
            "message_conversation_members", conversationid=talk, userid=campus.users[who], timecreated=1
        )
    campus.cohort("L1", "b")
    before = exact(campus.nights)
    second = campus.sync()
    assert campus.members(group) == {("a", "enrol_cohort", two), ("b", "enrol_cohort", one), ("c", "enrol_cohort", two)}  # fmt: skip
    assert len(campus.nights.site.fetch("SELECT id FROM {message_conversation_members}")) == 3
    assert campus.sync(dry_run=True).plan.size == 0
    assert second.result is not None
    assert undo(campus.nights.config(), second.result.run).refused == []
    assert exact(campus.nights) == before
