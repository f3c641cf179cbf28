"""Random campuses on real databases: one sync brings everything in step, and an undo brings every row back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from greffe.commands.undo import undo
from greffe.errors import Exit
from tests.integration.classes import exact
from tests.integration.following import Campus
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite

PEOPLE = "abcdef"
some = st.frozensets(st.sampled_from(PEOPLE), max_size=5)
standing = st.tuples(st.sampled_from(PEOPLE), st.sampled_from([0, 1]), st.sampled_from([0, 5]), st.booleans())


@dataclass(frozen=True)
class Case:
    """Two evenings of a campus: course P follows both cohorts, course K follows P and O."""

    one: tuple[frozenset[str], frozenset[str]]
    """Members of the first cohort on both evenings."""
    two: tuple[frozenset[str], frozenset[str]]
    by_hand: list[tuple[str, int, int, bool]]
    """In O: person, status, start, whether with a role."""
    cohort_action: int
    meta_action: int
    group: bool
    enabled: bool


cases = st.builds(
    Case,
    one=st.tuples(some, some),
    two=st.tuples(some, some),
    by_hand=st.lists(standing, max_size=4, unique_by=lambda s: s[0]),
    cohort_action=st.sampled_from([0, 0, 2, 3]),
    meta_action=st.sampled_from([0, 2, 3]),
    group=st.booleans(),
    enabled=st.booleans(),
)
CLEARED = ("user_enrolments", "role_assignments", "groups_members", "groups", "cohort", "cohort_members", "cache_flags",
           "local_greffe_change", "local_greffe_run")  # fmt: skip


@pytest.fixture
def campus(moodle_site: MoodleSite, tmp_path: Path) -> Campus:
    found = Campus(Nights(moodle_site, tmp_path))
    found.people(*PEOPLE)
    for name in "POK":
        found.course(name)
    found.sync()
    return found


def lay_out(campus: Campus, case: Case) -> Mapping[str, int]:
    site = campus.nights.site
    for table in CLEARED:
        site.execute("DELETE FROM {" + table + "}")
    site.execute("DELETE FROM {enrol} WHERE enrol IN ('cohort', 'meta')")
    campus.cohorts.clear()
    campus.setting("enrol_cohort", "unenrolaction", case.cohort_action)
    campus.setting("enrol_meta", "unenrolaction", case.meta_action)
    courses = {r["shortname"]: r["id"] for r in site.fetch("SELECT shortname, id FROM {course}")}
    group = site.insert("groups", courseid=courses["P"], name="G") if case.group else 0
    status = 0 if case.enabled else 1
    p, k, o = (courses[c] for c in "PKO")
    for who, state, start, role in case.by_hand:
        campus.enrol(campus.way(o), who, status=state, timestart=start)
        if role:
            campus.role(o, who)
    return {
        "one": campus.instance("cohort", p, campus.cohort("L1", *case.one[0]), customint2=group),
        "two": campus.instance("cohort", p, campus.cohort("L2", *case.two[0]), roleid=3, status=status),
        "child": campus.instance("meta", k, p),
        "other": campus.instance("meta", k, o),
    }


def in_step(campus: Campus, case: Case, ways: Mapping[str, int], evening: int) -> None:
    one, two = case.one[evening], case.two[evening]
    assert campus.active(ways["one"]) == one
    assert campus.roles(ways["one"]) >= {(u, 5) for u in one}
    if case.enabled:
        assert campus.active(ways["two"]) == two
    assert campus.active(ways["child"]) == one | (two if case.enabled else frozenset())
    if case.cohort_action == 0:
        assert campus.enrolments(ways["one"]).keys() == one
    by_hand = {who: (state, 0 if state else start, 0) for who, state, start, _ in case.by_hand}
    assert campus.enrolments(ways["other"]) == by_hand
    assert campus.sync(dry_run=True).plan.size == 0


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
)
@given(case=cases, small=st.booleans())
def test_any_campus_is_brought_in_step_and_back(campus: Campus, case: Case, small: bool) -> None:
    # small transactions and two writers: courses with several methods are then written in rounds, people apart
    campus.nights.more["moodle"] = {"transaction_rows": 2 if small else 10_000, "writers": 2}
    ways = lay_out(campus, case)
    first = campus.sync()
    assert first.result is not None
    assert first.result.exit is Exit.DONE
    in_step(campus, case, ways, 0)
    campus.cohort("L1", *case.one[1])
    campus.cohort("L2", *case.two[1])
    before = exact(campus.nights)
    second = campus.sync()
    assert second.result is not None
    assert second.result.exit is Exit.DONE
    in_step(campus, case, ways, 1)
    if second.plan.size:
        undone = undo(campus.nights.config(), second.result.run)
        assert undone.result is not None
        assert (undone.refused, undone.result.exit) == ([], Exit.DONE)
    assert exact(campus.nights) == before
