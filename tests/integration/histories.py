"""Random states and feeds: what people did by hand, what the extracts of the nights say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from tests.integration.nights import NO_GUARDS, Nights
from tests.lab.site import MoodleSite

PEOPLE = [f"u{n}" for n in range(1, 9)]
COURSES = ["C1", "C2", "C3"]
ROLES = ["student", "teacher", "editingteacher"]
rows = st.tuples(
    st.sampled_from(PEOPLE),
    st.sampled_from(COURSES),
    st.sampled_from(ROLES),
    st.sampled_from(["", "TD1", "TD2"]),
)


feeds = st.lists(rows, max_size=20)


@dataclass(frozen=True)
class Hand:
    """What people did by hand before and between the nights."""

    manual: list[tuple[str, str, str]]
    database: list[tuple[str, str, int, int, list[str], bool]]


hands = st.builds(
    Hand,
    manual=st.lists(
        st.tuples(st.sampled_from(PEOPLE), st.sampled_from(COURSES), st.sampled_from(ROLES)),
        max_size=6,
        unique_by=lambda r: r[:2],
    ),
    database=st.lists(
        st.tuples(
            st.sampled_from(PEOPLE),
            st.sampled_from(COURSES),
            st.sampled_from([0, 1]),
            st.sampled_from([0, 1_800_000_000]),
            st.lists(st.sampled_from(ROLES), max_size=2),
            st.booleans(),
        ),
        max_size=8,
        unique_by=lambda r: r[:2],
    ),
)


leaver_actions = st.sampled_from(["keep", "suspend", "suspend-no-roles", "unenrol"])
EXACT = ("user_enrolments", "role_assignments", "groups_members", "message_conversation_members", "grade_grades",
         "user_lastaccess", "forum_subscriptions", "forum_read")  # fmt: skip
"""Tables in which an undo brings back every row as it was."""

TABLES = (*EXACT, "groups", "enrol", "cache_flags", "message_conversations", "grade_items", "grade_grades_history", "forum",
          "local_greffe_change", "local_greffe_run", "local_greffe_scope", "local_greffe_feed",
          "local_greffe_waiting", "local_greffe_approval")  # fmt: skip


@pytest.fixture
def nights(moodle_site: MoodleSite, tmp_path: Path) -> Nights:
    for person in PEOPLE:
        moodle_site.add_user(person, idnumber=person)
    for course in COURSES:
        moodle_site.add_course(course, idnumber=course)
    nights = Nights(moodle_site, tmp_path)
    nights.feed("ip", "who;course;role;td", [])
    nights.rule("ip", role="{{ role }}", group="{{ td }}")
    nights.more = {"guards": NO_GUARDS}
    for feed in nights.feeds.values():
        feed |= {"min_rows": 0, "shrink": "none", "unknown_people": "none"}
    nights.night()
    return nights


def reset(nights: Nights, hand: Hand) -> None:
    """Empty the tables and do what people did by hand."""
    site = nights.site
    for table in TABLES:
        site.execute("DELETE FROM {" + table + "}")
    contexts = {
        r["shortname"]: r
        for r in site.fetch(
            "SELECT c.shortname, c.id, x.id AS context FROM {course} c JOIN {context} x"
            " ON x.contextlevel = 50 AND x.instanceid = c.id"
        )
    }
    users = {r["username"]: r["id"] for r in site.fetch("SELECT id, username FROM {user}")}
    roles = {r["shortname"]: r["id"] for r in site.fetch("SELECT id, shortname FROM {role}")}
    instances = {
        (course, method): site.insert("enrol", enrol=method, courseid=contexts[course]["id"], sortorder=0)
        for course in COURSES
        for method in ("manual", "database")
        if method == "manual" or any(r[1] == course for r in hand.database)
    }
    items, forums = {}, {}
    for course in COURSES:
        place = contexts[course]
        items[course] = site.insert("grade_items", courseid=place["id"], itemtype="mod")
        forums[course] = site.insert("forum", course=place["id"], name="F", intro="")
        group = site.insert("groups", courseid=place["id"], name="TD1")
        site.insert(
            "message_conversations", type=2, component="core_group", itemtype="groups", itemid=group,
            contextid=place["context"], enabled=1, timecreated=1,
        )  # fmt: skip
    for person, course in {*(r[:2] for r in hand.manual), *(r[:2] for r in hand.database)}:
        user = users[person]
        site.insert("user_lastaccess", userid=user, courseid=contexts[course]["id"], timeaccess=9)
        site.insert("forum_subscriptions", userid=user, forum=forums[course])
        site.insert("forum_read", userid=user, forumid=forums[course], discussionid=1, postid=1)
        grade, words = (12.5, "é\n") if user % 2 else (None, None)
        site.insert("grade_grades", itemid=items[course], userid=user, rawgrade=grade, feedback=words)
    for person, course, role in hand.manual:
        site.insert("user_enrolments", enrolid=instances[course, "manual"], userid=users[person], timeend=0)
        site.insert(
            "role_assignments",
            roleid=roles[role],
            contextid=contexts[course]["context"],
            userid=users[person],
        )
    for person, course, status, end, held, twice in hand.database:
        enrol = instances[course, "database"]
        site.insert("user_enrolments", enrolid=enrol, userid=users[person], status=status, timeend=end)
        for role in held * (2 if twice else 1):
            site.insert(
                "role_assignments",
                roleid=roles[role],
                contextid=contexts[course]["context"],
                userid=users[person],
                component="enrol_database",
                itemid=enrol,
            )


def foreign(nights: Nights) -> list[Any]:
    """Every column of every row that is not the method's own."""
    return [
        nights.site.fetch(sql)
        for sql in (
            "SELECT * FROM {enrol} WHERE enrol <> 'database' ORDER BY id",
            "SELECT ue.* FROM {user_enrolments} ue JOIN {enrol} e ON e.id = ue.enrolid WHERE e.enrol <> 'database' ORDER BY ue.id",
            "SELECT * FROM {role_assignments} WHERE component <> 'enrol_database' ORDER BY id",
            "SELECT * FROM {groups_members} WHERE component <> 'enrol_database' ORDER BY id",
            "SELECT * FROM {user} ORDER BY id",
            "SELECT * FROM {course} ORDER BY id",
        )
    ]
