"""Moodle's own tasks on the very database that Greffe is measured on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.site import PEOPLE, BenchSite, Span
from tests.lab.server import Server
from tests.moodle.measure import moodle_task_seconds, populate
from tests.moodle.scenario import Leavers, Row
from tests.moodle.site import LIVE, Site, site
from tests.moodle.tree import Tree
from tests.moodle.world import UNENROLACTION

FIRST_LOAD = Span(courses=10, first=0, last=2000)
"""Moodle takes some five milliseconds an enrolment: a rate, measured on few."""
TASKS = LIVE.with_name("tasks.php")


class Yardstick:
    """A real Moodle whose database is the bench's site."""

    def __init__(self, moodle: Site) -> None:
        self._moodle = moodle

    def treat(self, leavers: Leavers) -> None:
        """From now on leavers are treated so."""
        value = f"--set={UNENROLACTION[leavers]}"
        self._moodle.cli("cfg.php", "--component=enrol_database", "--name=unenrolaction", value)

    def seconds(self, registrations: Span) -> float:
        """The whole process of one task that brings the site in step with these."""
        rows = [Row(course, person) for course, person in registrations.pairs()]
        return moodle_task_seconds(self._moodle, rows).seconds

    def again(self) -> float:
        """The same for the registrations of the last time: nothing changed."""
        return moodle_task_seconds(self._moodle, None).seconds


class Tasks:
    """Moodle's own tasks of the methods that follow something."""

    def __init__(self, moodle: Site) -> None:
        self._moodle = moodle
        moodle.debugging = False

    def switch_on(self, plugins: str) -> None:
        """These enrolment methods, and no others."""
        self._moodle.cli("cfg.php", "--name=enrol_plugins_enabled", f"--set={plugins}")

    def seconds(self, *methods: str) -> float:
        """One process that runs the tasks of these methods, as cron's does; caches of code and settings are warm."""
        self._moodle.cli("scheduled_task.php", "--list")
        start = time.perf_counter()
        said = self._moodle.php(TASKS, *(rf"\enrol_{m}\task\enrol_{m}_sync" for m in methods))
        seconds = time.perf_counter() - start
        if said.count("done: ") != len(methods):
            raise AssertionError(said)
        return seconds


@contextmanager
def moodle_site(
    tree: Tree, server: Server, courses: int, folder: Path
) -> Iterator[tuple[BenchSite, Yardstick]]:
    """A new Moodle with people and courses, nobody enrolled; leavers are suspended there as well."""
    with _populated(tree, server, courses, folder) as (bench, moodle):
        yield bench, Yardstick(moodle)


@contextmanager
def following_site(
    tree: Tree, server: Server, courses: int, folder: Path
) -> Iterator[tuple[BenchSite, Tasks]]:
    """The same with the tasks of the methods that follow something."""
    with _populated(tree, server, courses, folder) as (bench, moodle):
        yield bench, Tasks(moodle)


@contextmanager
def uploading_site(
    tree: Tree, server: Server, courses: int, folder: Path
) -> Iterator[tuple[BenchSite, Site]]:
    """The same for Moodle's own commands that upload files; nobody is welcomed by mail."""
    with _populated(tree, server, courses, folder) as (bench, moodle):
        moodle.debugging = False
        with moodle.database() as db:
            db.run("UPDATE mdl_enrol SET customint1 = 0 WHERE enrol = 'manual'")
        yield bench, moodle


@contextmanager
def _populated(tree: Tree, server: Server, courses: int, folder: Path) -> Iterator[tuple[BenchSite, Site]]:
    with site(tree, server) as moodle:
        moodle.reset({"unenrolaction": UNENROLACTION["suspend"]})
        with moodle.database() as db:
            populate(db, PEOPLE, courses)
        bench = BenchSite(server, moodle.name, folder)
        bench.make_own_tables()
        bench.settle()
        yield bench, moodle
