"""Cohorts that are left as they are, and are named: twins, strangers' cohorts, rules that disagree or lead nowhere."""

from __future__ import annotations

from greffe.commands.plan import plan
from greffe.errors import Exit
from tests.integration.cohorts.promotions import HEADER, cohort, deliver, people
from tests.integration.nights import Nights


def test_a_hand_made_twin_is_refused_until_it_is_adopted(nights: Nights) -> None:
    system = nights.site.fetch("SELECT id FROM {context} WHERE contextlevel = 10")[0]["id"]
    twin = nights.site.add_cohort("L1", contextid=system)
    user = nights.site.fetch("SELECT id FROM {user} WHERE username = 'u40'")[0]["id"]
    nights.site.insert("cohort_members", cohortid=twin, userid=user, timeadded=1)

    result = nights.night()

    assert result.exit is Exit.REFUSED
    assert [r.course for r in result.refused] == ["cohort L1"]
    assert f"id {twin}" in result.refused[0].reason
    assert nights.cohort_members() == {"L1": ["u40"], "L2": people(range(11, 21))}

    nights.cohorts[0]["adopt"] = True
    result = nights.night()

    assert result.exit is Exit.DONE
    assert result.counts == {"adopt-cohort": 1, "join-cohort": 10, "leave-cohort": 1}
    assert cohort(nights, "L1")["id"] == twin
    assert cohort(nights, "L1")["name"] == "Cohort L1"
    assert plan(nights.config()).plan.size == 0
    del nights.cohorts[0]["adopt"]
    assert plan(nights.config()).plan.size == 0


def test_somebody_elses_cohort_is_never_adopted(nights: Nights) -> None:
    nights.site.add_cohort("L1", name="LDAP", component="tool_x")
    nights.cohorts[0]["adopt"] = True

    result = nights.night()

    assert result.exit is Exit.REFUSED
    assert "belongs to tool_x" in result.refused[0].reason
    assert nights.cohort_members()["L1"] == []


def test_duplicate_idnumbers_in_moodle_are_refused_and_listed(nights: Nights) -> None:
    nights.night()
    ours = cohort(nights, "L1")["id"]
    other = nights.site.add_cohort("L1", name="Twin")
    deliver(nights, {"L1": range(2, 12), "L2": range(12, 22)})

    result = nights.night()

    assert result.exit is Exit.REFUSED
    assert f"id {ours}, id {other}" in result.refused[0].reason
    assert result.counts == {"join-cohort": 1, "leave-cohort": 1}
    members = nights.site.fetch(
        "SELECT cohortid FROM {cohort_members} WHERE cohortid IN (%s, %s)", ours, other
    )
    assert len(members) == 10


def test_rules_that_disagree_are_refused_with_their_lines(nights: Nights) -> None:
    nights.night()
    nights.cohorts[0]["name"] = "{{ label }}"
    rows = [f"u{n:02};L1;{'Licence 1' if n < 6 else 'L1'}" for n in range(2, 12)] + [
        f"u{n};L2;L2" for n in range(11, 21)
    ]
    nights.feed("ia", HEADER, rows, shrink="none")

    result = nights.night()

    assert result.exit is Exit.REFUSED
    reason = result.refused[0].reason
    assert "ia:2" in reason
    assert "ia:6" in reason
    assert "'Licence 1'" in reason
    assert nights.cohort_members()["L1"] == people(range(1, 11))


def test_an_unknown_category_is_named_and_takes_nobody_out(nights: Nights) -> None:
    nights.night()
    nights.cohorts[0] |= {"category": "NOWHERE", "gone": "delete"}
    deliver(nights, {"L1": range(5, 15)})

    result = nights.night()

    assert (result.exit, result.counts) == (Exit.PARTIAL, {})  # no row leads anywhere: a bad feed
    assert [r.course for r in result.refused] == ["[[cohort]] number 1"]
    assert result.night is not None
    (note,) = [n for n in result.night.feeds.counts[0].notes if "NOWHERE" in n]
    assert "[[cohort]] number 1, category" in note
    assert "line 2" in note
    assert nights.cohort_members() == {"L1": people(range(1, 11)), "L2": people(range(11, 21))}
