"""Random sequences of nights on real databases, from registrations to children: after each night members are the feed's,
enrolments are members times methods, children are their parents; and an undo of the last night brings every row back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from greffe.commands.plan import plan
from greffe.commands.undo import undo
from greffe.errors import Exit
from tests.integration.classes import State, whole_site
from tests.integration.following import Campus
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite

PEOPLE = "abcde"
COHORTS = ("L1", "L2", "L3")
LINKS = tuple((course, cohort) for course in "PQ" for cohort in COHORTS)
META = (("K", "P"), ("K", "Q"), ("M", "K"), ("M", "P"))


@dataclass(frozen=True)
class Night:
    """What the feed and the rules say one evening."""

    members: frozenset[tuple[str, str]]
    links: frozenset[tuple[str, str]]
    meta: frozenset[tuple[str, str]]
    role: str
    group: str | None


@dataclass(frozen=True)
class History:
    """Some evenings under the same settings."""

    nights: list[Night]
    surplus: str
    cohort_action: int
    meta_action: int
    small: bool


night = st.builds(
    Night,
    members=st.frozensets(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(COHORTS)), max_size=9),
    links=st.frozensets(st.sampled_from(LINKS), max_size=5),
    meta=st.frozensets(st.sampled_from(META), max_size=3),
    role=st.sampled_from(["student", "teacher"]),
    group=st.sampled_from([None, "", "G {{ cohort }}", "Tous"]),
)
histories = st.builds(
    History,
    nights=st.lists(night, min_size=2, max_size=4),
    surplus=st.sampled_from(["disable", "delete"]),
    cohort_action=st.sampled_from([0, 0, 2, 3]),
    meta_action=st.sampled_from([0, 2, 3]),
    small=st.booleans(),
)
CLEARED = ("user_enrolments", "role_assignments", "groups_members", "groups", "cohort", "cohort_members", "cache_flags",
           "local_greffe_change", "local_greffe_run", "local_greffe_cohort", "local_greffe_method", "local_greffe_feed",
           "local_greffe_waiting")  # fmt: skip


@pytest.fixture
def campus(moodle_site: MoodleSite, tmp_path: Path) -> Campus:
    found = Campus(Nights(moodle_site, tmp_path))
    found.people(*PEOPLE)
    for name in "PQKM":
        found.course(name)
    found.nights.cohort("ia", gone="empty")
    evening(found, Night(frozenset(), frozenset(), frozenset(), "student", None), "disable")
    found.nights.night()
    return found


def begin(campus: Campus, history: History) -> None:
    site = campus.nights.site
    for table in CLEARED:
        site.execute("DELETE FROM {" + table + "}")
    site.execute("DELETE FROM {enrol} WHERE enrol IN ('cohort', 'meta')")
    campus.setting("enrol_cohort", "unenrolaction", history.cohort_action)
    campus.setting("enrol_meta", "unenrolaction", history.meta_action)
    # small transactions: a course with several methods is then written in rounds, an instance apart from its people
    campus.nights.more["moodle"] = {"transaction_rows": 2 if history.small else 10_000, "writers": 2}
    everybody = frozenset(zip(PEOPLE, COHORTS, strict=False))  # a cohort is made by its first registration
    evening(campus, Night(everybody, frozenset(), frozenset(), "student", None), history.surplus)
    campus.nights.night()


def evening(campus: Campus, now: Night, surplus: str) -> None:
    rows = [f"{who};{cohort}" for who, cohort in sorted(now.members)]
    campus.nights.feed(
        "ia", "who;cohort", ["nobody;L0", *rows], min_rows=0, shrink="none", unknown_people="none"
    )
    table = [{"course": course, "cohort": cohort} for course, cohort in sorted(now.links)]
    group = {} if now.group is None else {"group": ""} if now.group == "" else {"new_group": now.group}
    parents = [{"course": child, "parent": parent} for child, parent in sorted(now.meta)]
    campus.nights.more["link"] = [
        {"method": "cohort", "table": table, "role": now.role, "surplus": surplus, **group},
        {"method": "meta", "table": parents, "surplus": surplus},
    ]


def in_step(campus: Campus, now: Night, history: History) -> None:
    site = campus.nights.site
    there = site.fetch(
        "SELECT e.id, e.enrol, e.status, c.shortname AS course, k.idnumber AS cohort, p.shortname AS parent FROM {enrol} e"
        " JOIN {course} c ON c.id = e.courseid"
        " LEFT JOIN {cohort} k ON k.id = e.customint1 AND e.enrol = 'cohort'"
        " LEFT JOIN {course} p ON p.id = e.customint1 AND e.enrol = 'meta' WHERE e.enrol IN ('cohort', 'meta')"
    )
    members = campus.nights.cohort_members()
    for cohort in COHORTS:
        assert set(members[cohort]) == {w for w, c in now.members if c == cohort}
    if history.surplus == "delete":
        assert all(i["status"] == 0 for i in there)
    on = [i for i in there if i["status"] == 0]
    cohorts = {(i["course"], i["cohort"]): i["id"] for i in on if i["enrol"] == "cohort"}
    assert cohorts.keys() == now.links
    for (_, cohort), enrol in cohorts.items():
        wanted = set(members[cohort])
        assert campus.active(enrol) == wanted
        role = 5 if now.role == "student" else 4
        if history.cohort_action != 2:
            assert campus.roles(enrol) == {(u, role) for u in wanted}
    standing = {c: set[str]() for c in "PQKM"}
    for (course, _), enrol in cohorts.items():
        standing[course] |= campus.active(enrol)
    children = {(i["course"], i["parent"]): i["id"] for i in on if i["enrol"] == "meta"}
    assert children.keys() == now.meta
    for (_, parent), enrol in children.items():
        assert (
            campus.active(enrol) == standing[parent]
        )  # a child of a child follows nothing of its grandparent
    assert plan(campus.nights.config()).plan.size == 0


def rows_of(state: State) -> State:
    """Without flags, and without the clocks of groups that people joined."""
    plain = {t: rows for t, rows in state.items() if t != "cache_flags"}
    plain["groups"] = {
        i: {k: v for k, v in row.items() if k != "timemodified"} for i, row in state["groups"].items()
    }
    return plain


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@example(
    History(
        nights=[
            Night(
                frozenset({("a", "L3"), ("a", "L2")}),
                frozenset({("P", "L3"), ("P", "L2")}),
                frozenset(),
                "student",
                "Tous",
            ),
            Night(frozenset(), frozenset({("P", "L2")}), frozenset(), "student", "G {{ cohort }}"),
        ],
        surplus="disable",
        cohort_action=2,
        meta_action=0,
        small=False,
    )
)
@given(history=histories)
def test_any_sequence_of_nights_is_in_step_and_taken_back(campus: Campus, history: History) -> None:
    begin(campus, history)
    before: State = {}
    last = None
    for now in history.nights:
        before = whole_site(campus.nights)
        evening(campus, now, history.surplus)
        last = campus.nights.night()
        assert (last.exit, last.refused) == (Exit.DONE, [])
        in_step(campus, now, history)
    assert last is not None
    undone = undo(campus.nights.config(), last.run)
    assert undone.refused == []
    after = whole_site(campus.nights)
    groups = set(before["groups"])  # a group that was made stays, empty
    after["groups"] = {i: row for i, row in after["groups"].items() if i in groups}
    assert rows_of(after) == rows_of(before)
