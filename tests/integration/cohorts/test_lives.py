"""What becomes of cohorts that no registration leads to any more, and of those that are given back to hand care."""

from __future__ import annotations

import pytest

from greffe.apply.cohorts import MOVED
from greffe.apply.stays import TAKEN
from greffe.apply.undo import HOME_LOST
from greffe.commands._session import Silent
from greffe.commands.approve import approve
from greffe.commands.nightly import nightly
from greffe.commands.plan import plan
from greffe.commands.release import release
from greffe.commands.undo import undo
from greffe.errors import ArgumentError, Exit
from tests.integration.cohorts.promotions import cohort, deliver, people, rows
from tests.integration.nights import NO_GUARDS, Nights

YEARS = {"M-2025": range(1, 4), "M-2026": range(11, 14)}
"""Small enough that no guard is reached."""


@pytest.fixture
def nights(forty: Nights) -> Nights:
    forty.more = {"guards": NO_GUARDS}
    deliver(forty, YEARS)
    forty.night()
    deliver(forty, {"M-2026": range(11, 14)})
    return forty


def test_kept_by_default_with_its_members(nights: Nights) -> None:
    before = rows(nights)
    assert nights.night().counts == {}
    assert rows(nights) == before


def test_hidden_with_its_members_and_shown_when_it_is_named_again(nights: Nights) -> None:
    nights.cohorts[0]["gone"] = "hide"

    assert nights.night().counts == {"update-cohort": 1}
    assert cohort(nights, "M-2025")["visible"] == 0
    assert nights.cohort_members()["M-2025"] == people(range(1, 4))
    assert plan(nights.config()).plan.size == 0

    deliver(nights, YEARS)
    assert nights.night().counts == {"update-cohort": 1}
    assert cohort(nights, "M-2025")["visible"] == 1


def test_emptied(nights: Nights) -> None:
    nights.cohorts[0]["gone"] = "empty"
    before = rows(nights)

    result = nights.night()

    assert result.counts == {"leave-cohort": 3}
    assert nights.cohort_members() == {"M-2025": [], "M-2026": people(range(11, 14))}
    assert plan(nights.config()).plan.size == 0
    assert undo(nights.config(), result.run).refused == []
    assert rows(nights) == before


def test_deleted_and_brought_back_whole(nights: Nights) -> None:
    nights.cohorts[0]["gone"] = "delete"
    before = rows(nights)

    result = nights.night()

    assert result.counts == {"delete-cohort": 1, "leave-cohort": 3}
    assert nights.cohort_members() == {"M-2026": people(range(11, 14))}
    assert plan(nights.config()).plan.size == 0
    assert undo(nights.config(), result.run).refused == []
    assert rows(nights) == before
    assert nights.night().counts == {"delete-cohort": 1, "leave-cohort": 3}  # it is Greffe's as before


def test_a_deleted_cohort_whose_id_is_taken_stays_away_with_its_members(nights: Nights) -> None:
    nights.cohorts[0]["gone"] = "delete"
    ours = cohort(nights, "M-2025")["id"]
    run = nights.night().run
    nights.site.add_cohort("OTHER", id=ours, name="Other")
    before = rows(nights)

    done = undo(nights.config(), run)

    assert [(r.course, r.action, r.reason, len(r.users)) for r in done.refused] == [
        ("cohort M-2025", "delete-cohort", TAKEN, 0),
        ("cohort M-2025", "leave-cohort", HOME_LOST, 3),
    ]
    assert done.result is not None
    assert done.result.exit is Exit.REFUSED
    assert rows(nights) == before


class Hand(Silent):
    """Somebody who edits cohorts between the plan and its first write."""

    def __init__(self, nights: Nights, change: str) -> None:
        self.nights, self.change = nights, change

    def step(self, text: str, total: int = 0) -> None:
        if text == "Writing":
            self.nights.site.execute("UPDATE {cohort} SET " + self.change + " WHERE idnumber = 'M-2025'")


@pytest.mark.parametrize(
    "change", ["name = 'Wanted'", "idnumber = 'MINE'", "component = 'tool_x'", "visible = 0"]
)
@pytest.mark.parametrize("transaction_rows", [10_000, 2])
def test_never_deleted_after_somebody_has_edited_it(
    nights: Nights, change: str, transaction_rows: int
) -> None:
    nights.more["moodle"] = {"transaction_rows": transaction_rows}
    nights.cohorts[0]["gone"] = "delete"

    result = nightly(nights.config(), Hand(nights, change))

    assert result.exit is Exit.REFUSED
    assert {(r.course, r.reason) for r in result.refused} == {("cohort M-2025", MOVED)}
    assert {r.action for r in result.refused} == {"delete-cohort", "leave-cohort"}
    assert result.counts == {}
    assert people(range(1, 4)) in nights.cohort_members().values()


@pytest.mark.parametrize("method", ["cohort", "self"])
def test_never_deleted_while_a_method_stands_on_it(nights: Nights, method: str) -> None:
    nights.cohorts[0]["gone"] = "delete"
    course, ours = nights.site.add_course("C1"), cohort(nights, "M-2025")["id"]
    column = {"cohort": "customint1", "self": "customint5"}[method]
    nights.site.insert("enrol", enrol=method, courseid=course, sortorder=3, **{column: ours})

    result = nights.night()

    assert result.counts == {}
    assert result.night is not None
    assert any("M-2025" in note and "method" in note for note in result.night.feeds.counts[0].notes)
    assert nights.cohort_members() == {k: people(v) for k, v in YEARS.items()}


def test_deletion_of_a_large_cohort_waits_for_an_approval(nights: Nights) -> None:
    deliver(nights, {"M-2025": range(1, 10), "M-2026": range(11, 31)})
    nights.night()
    nights.cohorts[0]["gone"] = "delete"
    nights.more = {"guards": {"feed": {"emptied": "none"}}}
    deliver(nights, {"M-2026": range(11, 31)})

    held = nights.night()

    assert held.exit is Exit.HELD
    assert held.counts == {}
    assert held.night is not None
    approve(nights.config(), held.night.judgement.digest, by="A. Martin")
    assert nights.night().counts == {"delete-cohort": 1, "leave-cohort": 9}


def test_nothing_goes_by_a_feed_that_is_bad_or_in_doubt(nights: Nights) -> None:
    nights.cohorts[0] |= {"gone": "delete", "name": "{{ label }}"}
    deliver(nights, {"M-2026": range(11, 14)}, min_rows=10)
    assert nights.night().exit is Exit.PARTIAL
    assert set(nights.cohort_members()) == set(YEARS)
    long = "x" * 300
    nights.feed("ia", "who;cohort;label", ["u11;M-2026;Cohort M-2026", f"u01;M-2025;{long}"], min_rows=0)

    nights.night()

    assert nights.cohort_members()["M-2025"] == people(range(1, 4))


def test_the_gentlest_of_several_rules_counts(nights: Nights) -> None:
    nights.cohorts[0]["gone"] = "delete"
    nights.cohort("ia", idnumber="{{ label }}-all", gone="hide")
    deliver(nights, {"M-2026": range(11, 14)})

    nights.night()

    assert cohort(nights, "M-2025")["visible"] == 0


def test_a_cohort_that_was_deleted_by_hand_is_made_anew(nights: Nights) -> None:
    ours = cohort(nights, "M-2026")["id"]
    nights.site.execute("DELETE FROM {cohort_members} WHERE cohortid = %s", ours)
    nights.site.execute("DELETE FROM {cohort} WHERE id = %s", ours)

    assert nights.night().counts == {"create-cohort": 1, "join-cohort": 3}
    assert cohort(nights, "M-2026")["id"] != ours


def test_release_gives_back_and_undo_takes_again(nights: Nights) -> None:
    nights.site.insert("config_plugins", plugin="local_greffe", name="version", value="1")
    nights.night()
    before = rows(nights)

    result, _ = release(nights.config(), ["M-2026"])

    assert result.counts == {"release-cohort": 1}
    assert cohort(nights, "M-2026")["component"] == ""
    assert nights.cohort_members()["M-2026"] == people(range(11, 14))
    night = nights.night()
    assert night.exit is Exit.REFUSED
    assert [r.course for r in night.refused] == ["cohort M-2026"]
    with pytest.raises(ArgumentError, match="not Greffe's"):
        release(nights.config(), ["M-2026"])
    assert undo(nights.config(), result.run).refused == []
    assert rows(nights) == before
    assert nights.night().exit is Exit.DONE


def test_release_of_all(nights: Nights) -> None:
    result, _ = release(nights.config(), [], all_of_them=True)
    assert result.counts == {"release-cohort": 2}
    with pytest.raises(ArgumentError):
        release(nights.config(), [])
