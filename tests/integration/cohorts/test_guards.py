"""Cohorts that would lose too much: bad feeds, guards, approvals."""

from __future__ import annotations

from greffe.commands.approve import approve
from greffe.errors import Exit
from tests.integration.cohorts.promotions import deliver, people
from tests.integration.nights import Nights


def test_a_bad_feed_freezes_the_cohorts_that_it_reaches(nights: Nights) -> None:
    nights.feed("rh", "who;cohort", ["u30;STAFF", "u31;STAFF"], shrink="none")
    nights.cohort("rh")
    nights.night()
    deliver(nights, {"L1": range(1, 2)}, min_rows=10)
    nights.feed("rh", "who;cohort", ["u30;STAFF", "u32;STAFF", "u32;L1"])

    result = nights.night()

    assert result.exit is Exit.PARTIAL
    assert nights.cohort_members() == {
        "L1": people(range(1, 11)),
        "L2": people(range(11, 21)),
        "STAFF": ["u30", "u32"],
    }


def test_guards_hold_a_cohort_and_the_rest_goes_on(nights: Nights) -> None:
    deliver(nights, {"L1": range(1, 31), "L2": range(31, 41)})
    nights.night()
    deliver(nights, {"L1": range(12, 31), "L2": range(32, 41)})

    result = nights.night()

    assert result.exit is Exit.HELD
    assert result.night is not None
    assert [(v.level, v.name, v.kind) for v in result.night.judgement.verdicts] == [
        ("cohort", "L1", "member-removals")
    ]
    assert result.counts == {"leave-cohort": 1}
    assert len(nights.cohort_members()["L1"]) == 30


def test_an_approval_fits_the_night_after_although_the_name_is_written(nights: Nights) -> None:
    deliver(nights, {"L1": range(1, 31)})
    nights.night()
    nights.cohorts[0]["name"] = "Promotion {{ cohort }}"
    deliver(nights, {"L1": [*range(12, 31), 40]})
    held = nights.night()
    assert held.exit is Exit.HELD
    assert held.counts == {"join-cohort": 1, "update-cohort": 1}
    assert held.night is not None

    approve(nights.config(), held.night.judgement.digest, by="A. Martin")

    assert nights.night().counts == {"leave-cohort": 11}


def test_half_an_extract_stops_the_run(nights: Nights) -> None:
    nights.more = {"guards": {"feed": {"above": 5}}}
    nights.night()
    deliver(nights, {"L1": range(1, 7), "L2": range(11, 16)})

    result = nights.night()

    assert result.exit is Exit.HELD
    assert result.state == "held"
    assert nights.cohort_members() == {"L1": people(range(1, 11)), "L2": people(range(11, 21))}
