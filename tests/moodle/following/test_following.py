"""Greffe leaves the rows that Moodle's own enrol_cohort and enrol_meta tasks leave: judged live, and by what Moodle once
wrote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.site import MoodleSite
from tests.moodle import log_goldens
from tests.moodle.database import connected
from tests.moodle.following import goldens
from tests.moodle.following.scenarios import SCENARIOS, Scenario
from tests.moodle.following.sides import (
    Campus,
    Doings,
    greffe,
    moodle_tasks,
    nothing_left,
    play,
)
from tests.moodle.goldens import Seen
from tests.moodle.logs import Logged
from tests.moodle.site import Site, Sites
from tests.moodle.sqlworld import SqlWorld
from tests.moodle.state import State, differences
from tests.moodle.table import SAME, Ticks
from tests.moodle.tree import VERSIONS

each_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
each_version = pytest.mark.parametrize("version", VERSIONS)


def moodle_plays(scenario: Scenario, site: Site, seen: Seen, logged: log_goldens.Logged) -> list[State]:
    """What Moodle writes; played once a session."""
    played = seen.setdefault(scenario.name, {})
    if site.label not in played:
        site.reset()
        with site.database() as database:
            log = Logged(database)

            def night(day: Doings) -> None:
                with log.night():
                    moodle_tasks(site, day)

            played[site.label] = play(scenario, Campus(site, database), night)
        logged.setdefault(scenario.name, {})[site.label] = log.nights
    return played[site.label]


@pytest.fixture(scope="session")
def followed(request: pytest.FixtureRequest) -> Iterator[Seen]:
    """What Moodle wrote; with --record it becomes the goldens at the end."""
    found: Seen = {}
    yield found
    if request.config.getoption("--record", default=False):
        for scenario in SCENARIOS:
            if scenario.name in found:
                goldens.record(scenario.name, scenario.about, found[scenario.name])


@pytest.mark.moodle
@each_version
@each_scenario
def test_moodle_still_writes_the_golden_rows(
    scenario: Scenario,
    version: str,
    moodles: Sites,
    followed: Seen,
    logged: log_goldens.Logged,
    request: pytest.FixtureRequest,
) -> None:
    site = moodles(version)
    states = moodle_plays(scenario, site, followed, logged)
    if not request.config.getoption("--record", default=False):
        assert not differences(goldens.load(scenario.name), states)
        assert log_goldens.load(scenario.name, site.label) == logged[scenario.name][site.label]


@pytest.mark.moodle
@each_version
@each_scenario
def test_greffe_beside_moodle(
    scenario: Scenario,
    version: str,
    moodles: Sites,
    followed: Seen,
    logged: log_goldens.Logged,
    ticks: Ticks,
    tmp_path: Path,
) -> None:
    site = moodles(version)
    moodle = moodle_plays(scenario, site, followed, logged)
    site.reset()
    with site.database() as database:
        states = play(scenario, Campus(site, database), lambda _: void(greffe(database, tmp_path)))
        assert not differences(moodle, states)

        nothing_left(site, database)
    ticks.setdefault(scenario.name, {})[site.label] = SAME


@each_scenario
def test_greffe_writes_the_golden_rows(scenario: Scenario, moodle_site: MoodleSite, tmp_path: Path) -> None:
    with connected(moodle_site.server, moodle_site.dbname) as database:
        states = play(scenario, SqlWorld(database), lambda _: void(greffe(database, tmp_path)))
        assert "in step" in greffe(database, tmp_path, "--dry-run")
    assert not differences(goldens.load(scenario.name), states)


def void(_: object) -> None:
    """What a night says is nobody's business."""


def test_every_scenario_is_recorded() -> None:
    assert {scenario.name for scenario in SCENARIOS} <= {path.stem for path in goldens.FOLDER.glob("*.json")}
