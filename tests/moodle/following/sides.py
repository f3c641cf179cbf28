"""Both sides of a scenario: Moodle's own two tasks, and ``greffe methods sync``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.lab.toml import PASSWORD, moodle_table
from tests.moodle.database import Database
from tests.moodle.following import goldens
from tests.moodle.following.scenarios import COURSES, PEOPLE, Scenario
from tests.moodle.following.steps import Day, Setting, Step
from tests.moodle.greffe_side import GUARDS
from tests.moodle.scenario import Course, User
from tests.moodle.site import Site
from tests.moodle.snapshot import checksums
from tests.moodle.sqlworld import SqlWorld
from tests.moodle.state import State, another_day, raw, read
from tests.moodle.world import MoodleWorld

TASKS = (r"\enrol_cohort\task\enrol_cohort_sync", r"\enrol_meta\task\enrol_meta_sync")
PLUGINS = "manual,guest,self,cohort,database,meta"
RUNNING = {"mdl_task_scheduled", "mdl_task_log", "mdl_config_plugins", "mdl_config"}
"""Tables that tell that a task ran, whatever it did."""

PHP = Path(__file__).parent.parent / "php" / "tasks.php"

Doings = tuple[Step, ...] | None
"""What people did by day; None for the first, before which everything is new."""


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
    config.write_text(moodle_table(server, database.name) + GUARDS, encoding="utf-8")
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


def nothing_left(site: Site, database: Database) -> None:
    """Moodle's own two tasks find nothing to do."""
    rows, sums = raw(database), checksums(database)
    moodle_tasks(site)
    after = checksums(database)
    assert raw(database) == rows
    assert {t for t in after if after[t] != sums.get(t)} <= RUNNING


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
