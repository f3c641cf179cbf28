"""Random states and feeds on real databases: applying converges, touches only its own, and can be taken back."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from greffe.commands.plan import plan
from greffe.commands.undo import undo
from greffe.errors import Exit
from tests.integration.nights import Nights
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

TABLES = ("user_enrolments", "role_assignments", "groups_members", "groups", "enrol", "cache_flags",
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
    nights.more = {
        "guards": {
            "feed": {"removals": "none", "at_most": 10_000, "emptied": "none"},
            "scope": {"removals": "none", "suspensions": "none", "everybody_above": 10_000},
        }
    }
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


def state(nights: Nights) -> dict[str, Any]:
    return {"enrolments": nights.enrolments(), "roles": set(nights.roles()), "members": nights.members()}


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


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a night takes too long to shrink for minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(hand=hands, days=st.lists(feeds, min_size=1, max_size=3), leavers=leaver_actions)
def test_nights_converge_and_can_be_taken_back(
    nights: Nights, hand: Hand, days: list[list[tuple[str, str, str, str]]], leavers: str
) -> None:
    reset(nights, hand)
    nights.rules[0]["leavers"] = leavers
    others = foreign(nights)
    run = before = None
    owned: set[str] = set()
    with tempfile.TemporaryDirectory() as directory:
        nights.directory = Path(directory)
        for day in days:
            before = state(nights)
            nights.feed("ip", "who;course;role;td", [";".join(row) for row in day])
            result = nights.night()
            run = result.run
            assert result.exit in (Exit.DONE, Exit.REFUSED)
            now = state(nights)
            wanted = {(course, person) for person, course, _, _ in day}
            assert wanted <= {place for place, row in now["enrolments"].items() if row[0] == 0}
            assert {(c, p, r) for p, c, r, _ in day} <= now["roles"]
            owned |= {course for _, course, _, _ in day}
            ours = [place for place in nights.roles() if place[0] in owned]
            assert len(ours) == len(set(ours))
            assert plan(nights.config()).plan.size == 0
            assert foreign(nights) == others
    assert run is not None
    undone = undo(nights.config(), run)
    assert undone.result is not None
    assert undone.refused == []
    assert state(nights) == before
    assert foreign(nights) == others
