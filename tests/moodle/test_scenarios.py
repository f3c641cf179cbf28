"""Greffe leaves the rows that Moodle's own enrol_database task leaves: judged live, and by what Moodle once wrote."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.lab.site import MoodleSite
from tests.moodle import goldens
from tests.moodle.database import connected
from tests.moodle.goldens import Seen
from tests.moodle.greffe_side import Greffe
from tests.moodle.scenario import Leavers, Row, Scenario, play
from tests.moodle.scenarios import SCENARIOS
from tests.moodle.site import Site, Sites
from tests.moodle.snapshot import checksums
from tests.moodle.state import CLOCKS, State, differences, raw
from tests.moodle.tree import VERSIONS
from tests.moodle.world import UNENROLACTION, MoodleTask, MoodleWorld, SqlWorld, load

each_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
each_version = pytest.mark.parametrize("version", VERSIONS)


class Watched:
    """Greffe, with an eye on all the tables that are none of its business."""

    def __init__(self, greffe: Greffe) -> None:
        self.greffe = greffe

    def night(self, rows: Sequence[Row], leavers: Leavers) -> None:
        before = checksums(self.greffe.database)
        self.greffe.night(rows, leavers)
        after = checksums(self.greffe.database)
        changed = {name for name in after if after[name] != before.get(name)}
        own = {name for name in after if name.startswith("mdl_local_greffe_")}
        assert not changed - own - {f"mdl_{table}" for table in CLOCKS}


def moodle_plays(scenario: Scenario, site: Site, seen: Seen) -> list[State]:
    """What Moodle writes; played once a session."""
    played = seen.setdefault(scenario.name, {})
    if site.label not in played:
        site.reset({"unenrolaction": UNENROLACTION[scenario.leavers]})
        with site.database() as database:
            played[site.label] = play(scenario, MoodleWorld(site, database), MoodleTask(site, database))
    return played[site.label]


@pytest.mark.moodle
@each_version
@each_scenario
def test_moodle_still_writes_the_golden_rows(
    scenario: Scenario, version: str, moodles: Sites, seen: Seen, request: pytest.FixtureRequest
) -> None:
    site = moodles(version)
    states = moodle_plays(scenario, site, seen)
    if not request.config.getoption("--record", default=False):
        assert not differences(goldens.load(scenario.name, site.label), states)


@pytest.mark.moodle
@each_version
@each_scenario
def test_greffe_beside_moodle(
    scenario: Scenario, version: str, moodles: Sites, seen: Seen, tmp_path: Path
) -> None:
    site = moodles(version)
    moodle = moodle_plays(scenario, site, seen)
    site.reset({"unenrolaction": UNENROLACTION[scenario.leavers]})
    with site.database() as database:
        greffe = play(scenario, MoodleWorld(site, database), Watched(Greffe(database, tmp_path)))
        assert not differences(moodle, greffe)

        # and Moodle's own task finds nothing left to do
        load(database, scenario.nights[-1].rows)
        before = raw(database)
        site.task()
        assert raw(database) == before


@each_scenario
def test_greffe_writes_the_golden_rows(scenario: Scenario, moodle_site: MoodleSite, tmp_path: Path) -> None:
    with connected(moodle_site.server, moodle_site.dbname) as database:
        states = play(scenario, SqlWorld(database), Greffe(database, tmp_path))
    assert not differences(goldens.load(scenario.name), states)
