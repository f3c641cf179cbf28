"""Nights that wrote cohorts, taken back."""

from __future__ import annotations

from greffe.commands.undo import undo
from greffe.errors import Exit
from tests.integration.cohorts.promotions import cohort, deliver, people, rows
from tests.integration.nights import NO_GUARDS, Nights


def test_undo_brings_back_every_row_and_can_be_taken_back(nights: Nights) -> None:
    nights.more = {"guards": NO_GUARDS}
    empty = rows(nights)
    first = nights.night().run
    made = rows(nights)
    nights.cohorts[0]["name"] = "Promotion {{ cohort }}"
    deliver(nights, {"L1": [*range(3, 11), 30], "L3": range(11, 15), "L2": range(11, 21)})
    second = nights.night().run
    changed = rows(nights)

    done = undo(nights.config(), second)

    assert done.refused == []
    assert done.plan.counts() == {"delete-cohort": 1, "join-cohort": 2, "leave-cohort": 5, "update-cohort": 2}
    assert rows(nights) == made
    assert done.result is not None
    again = undo(nights.config(), done.result.run)
    assert again.refused == []
    assert rows(nights) == changed
    assert again.result is not None
    undo(nights.config(), again.result.run)
    assert undo(nights.config(), first).refused == []
    assert rows(nights) == empty


def test_an_undo_is_guarded_as_a_night_is(nights: Nights) -> None:
    run = nights.night().run

    done = undo(nights.config(), run)

    assert done.result is not None
    assert done.result.exit is Exit.HELD
    assert {v.kind for v in done.judgement.verdicts} == {"member-emptied", "member-everybody"}
    assert nights.cohort_members() == {"L1": people(range(1, 11)), "L2": people(range(11, 21))}


def test_undo_for_one_cohort_or_person(nights: Nights) -> None:
    nights.more = {"guards": NO_GUARDS}
    run = nights.night().run

    undo(nights.config(), run, person="u01")
    assert nights.cohort_members() == {"L1": people(range(2, 11)), "L2": people(range(11, 21))}
    undo(nights.config(), run, cohort="L2")
    assert nights.cohort_members() == {"L1": people(range(2, 11))}


def test_undo_leaves_a_cohort_that_is_used_since(nights: Nights) -> None:
    nights.more = {"guards": NO_GUARDS}
    run = nights.night().run
    course = nights.site.add_course("C1")
    ours = cohort(nights, "L1")["id"]
    nights.site.insert("enrol", enrol="cohort", courseid=course, customint1=ours, sortorder=1)

    done = undo(nights.config(), run)

    assert [(r.course, r.action) for r in done.refused] == [("cohort L1", "create-cohort")]
    assert nights.cohort_members() == {"L1": []}


def test_undo_of_an_adoption_gives_the_cohort_back(nights: Nights) -> None:
    nights.more = {"guards": NO_GUARDS}
    nights.site.add_cohort("L1")
    before = rows(nights)
    nights.cohorts[0]["adopt"] = True
    run = nights.night().run

    assert undo(nights.config(), run).refused == []

    assert rows(nights) == before
    del nights.cohorts[0]["adopt"]
    assert [r.course for r in nights.night().refused] == ["cohort L1"]
