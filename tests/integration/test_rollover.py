"""A new academic year: cohorts, the methods that used them, and back again; on real databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from greffe.commands.apply import apply
from greffe.commands.approve import approve
from greffe.commands.plan import plan
from greffe.commands.rollover import rollover
from greffe.commands.undo import undo
from greffe.errors import ArgumentError, Exit
from tests.integration.classes import whole_site
from tests.integration.following import Campus
from tests.integration.nights import Nights
from tests.integration.years import deliver, followed, links, people, turn
from tests.lab.site import MoodleSite


@pytest.fixture
def campus(moodle_site: MoodleSite, tmp_path: Path) -> Campus:
    """A campus at the end of 2025: two cohorts, used by three courses, one of them by hand."""
    campus = Campus(Nights(moodle_site, tmp_path))
    campus.people(*"abcdefgh")
    campus.nights.cohort("ia", idnumber="{{ dip }}-{{ an }}", name="{{ dip }} {{ an }}", gone="keep")
    deliver(campus, "a;L1;2025", "b;L1;2025", "c;L2;2025")
    for name in ("MED1", "MED2", "TUTO"):
        campus.course(name)
    links(campus, ("MED1", "L1-2025"), ("MED2", "L2-2025"))
    campus.nights.night()
    return campus


def test_a_new_year_fills_its_cohorts_and_turns_the_methods(campus: Campus) -> None:
    links(campus, ("MED1", "L1-2026"), ("MED2", "L2-2026"))
    deliver(campus, "a;L2;2026", "d;L1;2026", "e;L1;2026")
    before = whole_site(campus.nights)
    looked = turn(campus, dry_run=True)
    assert looked.plan.counts() == {
        "assign-role": 3, "create-cohort": 2, "enrol": 3, "join-cohort": 3, "unenrol": 3, "update-method": 2,
    }  # fmt: skip
    assert whole_site(campus.nights) == before
    done = turn(campus)
    assert done.result is not None
    assert (done.result.exit, done.refused) == (Exit.DONE, [])
    assert followed(campus) == {"MED1": "L1-2026", "MED2": "L2-2026"}
    assert people(campus, "MED1") == {"d", "e"}
    assert people(campus, "MED2") == {"a"}
    assert campus.nights.cohort_members()["L1-2025"] == ["a", "b"]  # last year's stay what they were
    # the rules say the same by now: the night has nothing to do, and a second turn neither
    assert plan(campus.nights.config()).plan.size == 0
    assert turn(campus, dry_run=True).plan.size == 0

    undone = undo(campus.nights.config(), done.result.run)
    assert undone.refused == []
    after = whole_site(campus.nights)
    for table in before:
        if table != "cache_flags":
            assert after[table] == before[table], table


def test_cohorts_that_nobody_is_registered_for_yet_are_made_empty(campus: Campus) -> None:
    links(campus, ("MED1", "L1-2026"), ("MED2", "L2-2026"))
    done = turn(campus)
    assert done.result is not None
    assert done.result.exit is Exit.DONE
    assert followed(campus) == {"MED1": "L1-2026", "MED2": "L2-2026"}
    assert campus.nights.cohort_members()["L1-2026"] == []
    (row,) = campus.nights.site.fetch("SELECT name FROM {cohort} WHERE idnumber = 'L1-2026'")
    assert row["name"] == "L1 2026"
    assert people(campus, "MED1") == set()
    deliver(campus, "a;L1;2025", "b;L1;2025", "c;L2;2025", "d;L1;2026")
    campus.nights.night()
    assert people(campus, "MED1") == {"d"}


def test_a_method_made_by_hand_turns_too(campus: Campus) -> None:
    links(campus, ("MED1", "L1-2026"), ("MED2", "L2-2026"))
    (l1,) = campus.nights.site.fetch("SELECT id FROM {cohort} WHERE idnumber = 'L1-2025'")
    (tuto,) = campus.nights.site.fetch("SELECT id FROM {course} WHERE shortname = 'TUTO'")
    campus.instance("cohort", tuto["id"], l1["id"])
    deliver(campus, "d;L1;2026")
    turn(campus)
    assert followed(campus)["TUTO"] == "L1-2026"
    assert people(campus, "TUTO") == {"d"}


def test_a_rule_that_still_asks_for_last_years_is_named(campus: Campus) -> None:
    links(campus, ("MED1", "L1-2025"), ("MED2", "L2-2026"))
    done = turn(campus)
    assert done.result is not None
    assert done.result.exit is Exit.REFUSED
    (refused,) = done.refused
    assert refused.course == "MED1 ← L1-2025"
    assert "[[link]] number 1, row 1 still asks for L1-2025: let it say L1-2026 first" in refused.reason
    assert followed(campus) == {"MED1": "L1-2025", "MED2": "L2-2026"}


def test_the_guards_hold_a_new_year_that_empties_courses(campus: Campus) -> None:
    many = [f"p{n}" for n in range(30)]
    campus.people(*many)
    deliver(campus, *(f"{p};L1;2025" for p in many), "c;L2;2025")
    campus.nights.night()
    del campus.nights.more["guards"]
    links(campus, ("MED1", "L1-2026"), ("MED2", "L2-2026"))
    deliver(campus, *(f"{p};L1;2025" for p in many), "c;L2;2025", "d;L1;2026")
    held = turn(campus)
    assert held.result is not None
    assert held.result.exit is Exit.HELD
    assert followed(campus)["MED1"] == "L1-2025"
    assert people(campus, "MED1") == set(many)


def test_one_approval_is_for_the_children_too(campus: Campus) -> None:
    many = [f"p{n}" for n in range(60)]
    campus.people(*many)
    child = campus.course("EXAM")
    campus.nights.more["link"] = [
        {"method": "cohort", "table": [{"course": "MED1", "cohort": "L1-2025"}]},
        {"method": "meta", "table": [{"course": "EXAM", "parent": "MED1"}]},
    ]
    deliver(campus, *(f"{p};L1;2025" for p in many), "c;L2;2025")
    campus.nights.night()
    del campus.nights.more["guards"]
    campus.nights.more["link"][0]["table"] = [{"course": "MED1", "cohort": "L1-2026"}]
    deliver(campus, *(f"{p};L1;2025" for p in many), "c;L2;2025", "d;L1;2026")
    looked = turn(campus, dry_run=True)
    assert looked.judgement.stops
    # 60 leave MED1 (and one MED2), 60 are suspended without role in its child, one comes to both
    counts = looked.plan.counts()
    assert (counts["unenrol"], counts["suspend"], counts["enrol"]) == (61, 60, 2)
    held = turn(campus)
    assert held.result is not None
    assert held.result.exit is Exit.HELD
    assert held.judgement.digest == looked.judgement.digest
    approve(campus.nights.config(), held.judgement.digest, by="somebody")
    done = turn(campus)
    assert done.result is not None
    assert done.result.exit is Exit.DONE
    assert people(campus, "MED1") == {"d"}
    (instance,) = campus.nights.site.fetch(
        "SELECT id FROM {enrol} WHERE enrol = 'meta' AND courseid = %s", child
    )
    assert campus.active(instance["id"]) == {"d"}
    assert plan(campus.nights.config()).plan.size == 0


def test_a_plan_file_of_a_new_year(campus: Campus, tmp_path: Path) -> None:
    links(campus, ("MED1", "L1-2026"), ("MED2", "L2-2026"))
    deliver(campus, "d;L1;2026")
    file = tmp_path / "year.plan"
    turn(campus, out=file)
    assert followed(campus)["MED1"] == "L1-2025"
    assert apply(campus.nights.config(), file).exit is Exit.DONE
    assert followed(campus)["MED1"] == "L1-2026"
    assert people(campus, "MED1") == {"d"}
    assert plan(campus.nights.config()).plan.size == 0


def test_a_cohort_of_this_year_made_by_hand_stands_in_the_way(campus: Campus) -> None:
    links(campus, ("MED1", "L1-2026"), ("MED2", "L2-2026"))
    campus.cohort("L1-2026", "h")
    done = turn(campus)
    assert any("L1-2026 already that is not Greffe's" in r.reason for r in done.refused)
    assert followed(campus) == {"MED1": "L1-2025", "MED2": "L2-2026"}


def test_without_a_rule_by_year_there_is_nothing_to_turn(campus: Campus) -> None:
    campus.nights.cohorts[0]["idnumber"] = "{{ dip }}"
    with pytest.raises(ArgumentError, match=r"no \[\[cohort\]\] rule has the year"):
        turn(campus)
    with pytest.raises(ArgumentError, match="the same year"):
        rollover(campus.nights.config(), "2025", "2025")


def test_years_that_no_cohort_has_are_named(campus: Campus) -> None:
    for old, new in (("24", "25"), ("2026", "2025")):
        with pytest.raises(ArgumentError, match=f"none of Greffe's cohorts is of the year {old}"):
            rollover(campus.nights.config(), old, new, dry_run=True)


def test_a_year_that_is_not_delivered_yet_is_told(campus: Campus) -> None:
    links(campus, ("MED1", "L1-2026"), ("MED2", "L2-2026"))
    looked = turn(campus, dry_run=True)
    assert looked.notes[0].startswith("No registration of 2026 counts yet")
    deliver(campus, "a;L1;2026")
    assert not turn(campus, dry_run=True).notes
