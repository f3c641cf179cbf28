"""Greffe leaves the rows that Moodle's own enrol_cohort and enrol_meta tasks leave: judged live, and by what Moodle once
wrote."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.lab.site import MoodleSite
from tests.lab.toml import PASSWORD, moodle_table
from tests.moodle import log_goldens
from tests.moodle.database import Database, connected
from tests.moodle.following import goldens
from tests.moodle.following.scenarios import COURSES, PEOPLE, SCENARIOS, Scenario
from tests.moodle.following.steps import Day, Setting, Step
from tests.moodle.goldens import Seen
from tests.moodle.logs import Logged
from tests.moodle.scenario import Course, User
from tests.moodle.site import Site, Sites
from tests.moodle.snapshot import checksums
from tests.moodle.sqlworld import SqlWorld
from tests.moodle.state import State, another_day, differences, raw, read
from tests.moodle.table import SAME, Ticks
from tests.moodle.tree import VERSIONS
from tests.moodle.world import MoodleWorld

TASKS = (r"\enrol_cohort\task\enrol_cohort_sync", r"\enrol_meta\task\enrol_meta_sync")
PLUGINS = "manual,guest,self,cohort,database,meta"
RUNNING = {"mdl_task_scheduled", "mdl_task_log", "mdl_config_plugins", "mdl_config"}
"""Tables that tell that a task ran, whatever it did."""
PHP = Path(__file__).parent.parent / "php" / "tasks.php"
Doings = tuple[Step, ...] | None
"""What people did by day; None for the first, before which everything is new."""
CONFIG = """
# three of four leave here: that is the scenario, not an accident
[guards.feed]
suspensions = "none"
removals = "none"
emptied = "none"

[guards.scope]
suspensions = "none"
removals = "none"
"""

each_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
each_version = pytest.mark.parametrize("version", VERSIONS)


class Campus:
    """A real Moodle whose courses its own API makes."""

    def __init__(self, site: Site, database: Database) -> None:
        self.site, self.database = site, database

    def prepare(self, courses: Sequence[Course], users: Sequence[User]) -> None:
        with self.site.living() as moodle:
            MoodleWorld(moodle, self.database).prepare(courses, users)


def greffe(database: Database, folder: Path, *options: str) -> str:
    """``greffe methods sync``, as a process of its own."""
    server, config = database.server, folder / "greffe.toml"
    config.write_text(moodle_table(server, database.name) + CONFIG, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "greffe", "-c", str(config), "methods", "sync", *options],
        env=os.environ | {PASSWORD: server.password},
        capture_output=True, text=True, check=False, cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def moodle_tasks(site: Site, day: tuple[Step, ...] | None = None) -> None:
    """Moodle's own two tasks. They see settings that were changed by day; of the rest nothing that they use is cached."""
    if day is None or any(isinstance(step, Setting) for step in day):
        shutil.rmtree(site.dataroot / "cache" / "cachestore_file", ignore_errors=True)
    said = site.php(PHP, *TASKS)
    assert all(f"done: {task}" in said for task in TASKS), said


def play(scenario: Scenario, world: Campus | SqlWorld, night: Callable[[Doings], None]) -> list[State]:
    """The state after each night."""
    database = world.database
    world.prepare([Course(name) for name in COURSES], [User(name) for name in PEOPLE])
    database.run("UPDATE mdl_config SET value = %s WHERE name = 'enrol_plugins_enabled'", PLUGINS)
    states, days = [goldens.plain(read(database))], 0
    for day in scenario.days:
        another_day(database)
        Day(database).live(day)
        another_day(database)
        days += 2
        night(day if days > 2 else None)
        states.append(goldens.plain(read(database, days)))
    return states


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

        # and Moodle's own tasks find nothing left to do
        rows, sums = raw(database), checksums(database)
        moodle_tasks(site)
        after = checksums(database)
        assert raw(database) == rows
        assert {t for t in after if after[t] != sums.get(t)} <= RUNNING
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
