"""Greffe leaves the rows that Moodle's own enrol_database task leaves: judged live, and by what Moodle once wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.server import Engine
from tests.lab.site import MoodleSite
from tests.moodle import goldens, log_goldens
from tests.moodle.database import connected
from tests.moodle.goldens import Seen
from tests.moodle.greffe_side import Greffe
from tests.moodle.scenario import Scenario, Settings, play
from tests.moodle.scenarios import SCENARIOS
from tests.moodle.site import Site, Sites
from tests.moodle.snapshot import checksums
from tests.moodle.sqlworld import SqlWorld
from tests.moodle.state import CLOCKS, State, differences, outline, raw
from tests.moodle.table import OTHER, SAME, Ticks
from tests.moodle.tree import VERSIONS
from tests.moodle.world import MoodleTask, MoodleWorld, log_of, moodle_settings

each_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
each_version = pytest.mark.parametrize("version", VERSIONS)


class Watched:
    """Greffe, on the last night with an eye on all the tables that are none of its business."""

    def __init__(self, greffe: Greffe, nights: int) -> None:
        self.greffe, self.left = greffe, nights

    def night(self, settings: Settings) -> None:
        self.left -= 1
        if self.left:
            self.greffe.night(settings)
            return
        before = checksums(self.greffe.database)
        self.greffe.night(settings)
        after = checksums(self.greffe.database)
        changed = {name for name in after if after[name] != before.get(name)}
        own = {name for name in after if name.startswith("mdl_local_greffe_")}
        assert not changed - own - {f"mdl_{table}" for table in CLOCKS}


def moodle_plays(scenario: Scenario, site: Site, seen: Seen, logged: log_goldens.Logged) -> list[State]:
    """What Moodle writes; played once a session."""
    played = seen.setdefault(scenario.name, {})
    if site.label not in played:
        site.reset(moodle_settings(scenario.settings))
        with site.database() as database, site.living() as moodle:
            log = log_of(moodle, database)
            played[site.label] = play(scenario, MoodleWorld(moodle, database), MoodleTask(moodle, log))
        logged.setdefault(scenario.name, {})[site.label] = log.nights
    return played[site.label]


def agrees(scenario: Scenario, engine: Engine, moodle: list[State], greffe: list[State]) -> bool:
    """Whether Greffe did as Moodle; where it is known to do otherwise, both are held against what is known."""
    known = scenario.differs(engine)
    if known is None:
        assert not differences(moodle, greffe)
        return True
    theirs, ours = outline(moodle[-1]), outline(greffe[-1])
    assert [line for line in theirs if line not in ours] == list(known.moodle)
    assert [line for line in ours if line not in theirs] == list(known.greffe)
    return False


@pytest.mark.moodle
@each_version
@each_scenario
def test_moodle_still_writes_the_golden_rows(
    scenario: Scenario,
    version: str,
    moodles: Sites,
    seen: Seen,
    logged: log_goldens.Logged,
    request: pytest.FixtureRequest,
) -> None:
    site = moodles(version)
    states = moodle_plays(scenario, site, seen, logged)
    if not request.config.getoption("--record", default=False):
        assert not differences(goldens.load(scenario.name, site.label), states)
        assert log_goldens.load(scenario.name, site.label) == logged[scenario.name][site.label]


@pytest.mark.moodle
@each_version
@each_scenario
def test_greffe_beside_moodle(
    scenario: Scenario,
    version: str,
    moodles: Sites,
    seen: Seen,
    logged: log_goldens.Logged,
    ticks: Ticks,
    tmp_path: Path,
) -> None:
    site = moodles(version)
    moodle = moodle_plays(scenario, site, seen, logged)
    site.reset(moodle_settings(scenario.settings))
    with site.database() as database, site.living() as living:
        registrar = Watched(Greffe(database, tmp_path), len(scenario.nights))
        greffe = play(scenario, MoodleWorld(living, database), registrar)
        same = agrees(scenario, site.server.engine, moodle, greffe)
        if same:
            # then Moodle's own task finds nothing left to do
            before = raw(database)
            MoodleTask(living).night(scenario.settings)
            assert raw(database) == before
    ticks.setdefault(scenario.name, {})[site.label] = SAME if same else OTHER


@each_scenario
def test_greffe_writes_the_golden_rows(scenario: Scenario, moodle_site: MoodleSite, tmp_path: Path) -> None:
    with connected(moodle_site.server, moodle_site.dbname) as database:
        states = play(scenario, SqlWorld(database), Greffe(database, tmp_path))
    agrees(scenario, moodle_site.engine, goldens.load(scenario.name, engine=moodle_site.engine), states)
