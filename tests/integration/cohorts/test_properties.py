"""Random feeds on real databases: members are what the feed says, and every night can be taken back."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from greffe.commands.plan import plan
from greffe.commands.undo import undo
from greffe.errors import Exit
from tests.integration.cohorts.promotions import HEADER, rows
from tests.integration.nights import NO_GUARDS, Nights
from tests.lab.site import MoodleSite

PEOPLE = [f"u{n}" for n in range(1, 8)]
COHORTS = ["A", "B", "C"]
OWN = ("change", "run", "scope", "feed", "waiting", "approval", "cohort")

days = st.lists(
    st.tuples(
        st.sets(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(COHORTS)), max_size=14),
        st.sampled_from(["keep", "hide", "empty", "delete"]),
        st.sampled_from(["one", "two"]),
    ),
    min_size=1,
    max_size=4,
)
hand = st.sets(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(["A", "X"])), max_size=5)


@pytest.fixture
def nights(moodle_site: MoodleSite, tmp_path: Path) -> Nights:
    for person in PEOPLE:
        moodle_site.add_user(person, idnumber=person)
    nights = Nights(moodle_site, tmp_path)
    nights.more = {"guards": NO_GUARDS}
    nights.feed("ia", HEADER, [], min_rows=0, shrink="none", unknown_people="none")
    nights.cohort("ia", adopt=True)
    nights.night()
    return nights


def reset(nights: Nights, members: set[tuple[str, str]]) -> None:
    """Only what people did by hand: the cohorts A and X."""
    for table in (*(f"local_greffe_{t}" for t in OWN), "cohort", "cohort_members"):
        nights.site.execute("DELETE FROM {" + table + "}")
    users = {r["username"]: r["id"] for r in nights.site.fetch("SELECT id, username FROM {user}")}
    made = {name: nights.site.add_cohort(name, name=name) for name in sorted({c for _, c in members})}
    for person, name in sorted(members):
        nights.site.insert("cohort_members", cohortid=made[name], userid=users[person], timeadded=5)


@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a night takes too long to shrink for minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(by_hand=hand, sequence=days)
def test_members_are_the_feed_and_nights_can_be_taken_back(
    nights: Nights, by_hand: set[tuple[str, str]], sequence: list[tuple[set[tuple[str, str]], str, str]]
) -> None:
    reset(nights, by_hand)
    history = []
    ours: dict[str, set[str]] = {}
    strangers = nights.cohort_members().get("X")
    with tempfile.TemporaryDirectory() as directory:
        nights.directory = Path(directory)
        for wanted, gone, name in sequence:
            before = rows(nights)
            nights.cohorts[0] |= {"gone": gone, "name": f"{name} {{{{ cohort }}}}"}
            nights.feed("ia", HEADER, [f"{who};{what};" for who, what in sorted(wanted)])
            result = nights.night()
            history.append((result.run, before))
            assert result.exit is Exit.DONE
            named = {what: {w for w, c in wanted if c == what} for _, what in wanted}
            for left in ours.keys() - named.keys():
                if gone == "delete":
                    del ours[left]
                elif gone == "empty":
                    ours[left] = set()
            ours |= named
            now = {k: set(v) for k, v in nights.cohort_members().items()}
            assert {k: now[k] for k in ours} == ours
            assert nights.cohort_members().get("X") == strangers
            assert plan(nights.config()).plan.size == 0
    after, backwards = rows(nights), []
    for run, before in reversed(history):
        done = undo(nights.config(), run)
        assert done.refused == []
        assert rows(nights) == before
        assert done.result is not None
        backwards.append(done.result.run)
    for run in reversed(backwards):
        assert undo(nights.config(), run).refused == []
    assert rows(nights) == after
