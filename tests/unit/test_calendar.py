"""The calendar's windows: when they are open, and what they leave of a plan."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from greffe.config import Config, parse
from greffe.config.calendar import Calendar
from greffe.errors import ConfigError
from greffe.model import Action, Batch, Reason
from greffe.plan.calendar import Season, restrict, season_of
from greffe.plan.cohorts import CohortPlan
from greffe.plan.plan import CoursePlan, Plan


def calendar(**windows: Any) -> Calendar:
    config: Config = parse({"moodle": {}, "calendar": windows}, "greffe.toml")
    return config.calendar


def open_on(day: str, first: str, last: str) -> str:
    found = season_of(calendar(add_only=[{"from": first, "to": last}]), date.fromisoformat(day))
    return str(found.until) if found else ""


@pytest.mark.parametrize(
    ("day", "first", "last", "until"),
    [
        ("2026-07-01", "2026-07-01", "2026-09-15", "2026-09-15"),
        ("2026-09-15", "2026-07-01", "2026-09-15", "2026-09-15"),
        ("2026-09-16", "2026-07-01", "2026-09-15", ""),
        ("2027-07-02", "2026-07-01", "2026-09-15", ""),
        ("2027-07-02", "07-01", "09-15", "2027-09-15"),
        ("2027-06-30", "07-01", "09-15", ""),
        ("2026-12-24", "12-20", "01-03", "2027-01-03"),
        ("2027-01-03", "12-20", "01-03", "2027-01-03"),
        ("2027-01-04", "12-20", "01-03", ""),
        ("2027-02-10", "02-01", "02-29", "2027-02-28"),
        ("2028-02-29", "02-01", "02-29", "2028-02-29"),
    ],
)
def test_windows_of_one_year_and_of_every_year(day: str, first: str, last: str, until: str) -> None:
    assert open_on(day, first, last) == until


def test_a_blackout_goes_before_an_add_only_window() -> None:
    both = calendar(blackout=[{"from": "08-01", "to": "08-15"}], add_only=[{"from": "07-01", "to": "09-15"}])
    assert season_of(both, date(2026, 8, 3)) == Season("blackout", date(2026, 8, 15))
    assert season_of(both, date(2026, 8, 16)) == Season("add-only", date(2026, 9, 15))
    assert season_of(both, date(2026, 10, 1)) is None


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-07-01", "09-15", "one day has a year and the other has none"),
        ("2026-13-01", "2026-14-01", "there is no day 2026-13-01"),
        ("2026-09-15", "2026-07-01", "ends before it begins"),
        ("1 July", "09-15", r"give a day such as 2026-07-01, or 07-01 for every year"),
    ],
)
def test_days_that_are_none(first: str, last: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        calendar(blackout=[{"from": first, "to": last}])


def plan() -> Plan:
    def batch(action: Action, users: list[int], reason: Reason = Reason.REGISTERED) -> Batch:
        return Batch(action=action, course=0, reason=reason, users=users, sources=[0] * len(users))

    cohorts = [
        CohortPlan(idnumber="A", name="A", cohort=1, fingerprint="", batches=[
            batch(Action.UPDATE_COHORT, [], Reason.RULE_CHANGED), batch(Action.JOIN_COHORT, [1]), batch(Action.LEAVE_COHORT, [2, 3])]),
        CohortPlan(idnumber="B", name="B", cohort=2, fingerprint="", batches=[batch(Action.UPDATE_COHORT, [], Reason.NOT_NAMED)]),
    ]  # fmt: skip
    course = CoursePlan(course=1, name="C", context=1, enrol=1, fingerprint="", batches=[batch(Action.ENROL, [1]), batch(Action.SUSPEND, [2])])  # fmt: skip
    return Plan(site="s", made=0, feeds=[], cohorts=cohorts, courses=[course])


def test_nobody_loses_anything_in_an_add_only_window() -> None:
    rest, later = restrict(plan(), Season("add-only", date(2026, 9, 15)))
    assert rest.counts() == {"enrol": 1, "join-cohort": 1, "update-cohort": 1}
    assert later == {"leave-cohort": 2, "suspend": 1, "update-cohort": 1}
    assert rest.digest


def test_nothing_changes_in_a_blackout() -> None:
    rest, later = restrict(plan(), Season("blackout", date(2026, 9, 15)))
    assert rest.size == 0
    assert sum(later.values()) == plan().size
