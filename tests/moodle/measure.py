"""How long Moodle itself takes for a night: the yardstick of the bench."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.moodle.database import Database
from tests.moodle.scenario import Course, Row, User, load
from tests.moodle.site import Site
from tests.moodle.world import add_courses, add_users


@dataclass(frozen=True)
class Task:
    """One run of Moodle's enrol_database task, from the start of its process to the end."""

    seconds: float
    queries: int
    """As Moodle counts its own; those to the external table come on top."""


def populate(database: Database, people: int, courses: int) -> None:
    """So many accounts (P0000001…) and courses (C00001…) in a new site."""
    add_courses(database, [Course(f"C{number:05}") for number in range(1, courses + 1)])
    add_users(database, [User(f"P{number:07}") for number in range(1, people + 1)])
    if database.server.engine == "postgresql":
        database.run("ANALYZE")


def registrations(number: int, people: int, courses: int, skip: int = 0) -> list[Row]:
    """``number`` registrations spread evenly over people and courses, each once, from the ``skip``-th on."""
    if skip + number > people * courses:
        raise ValueError(
            f"{people} people in {courses} courses have no {skip + number} different registrations"
        )
    # the course moves on by one more after each round of all people, so that no pair comes twice
    return [
        Row(f"C{(n + n // people) % courses + 1:05}", f"P{n % people + 1:07}")
        for n in range(skip, skip + number)
    ]


def moodle_task_seconds(site: Site, rows: Sequence[Row] | None) -> Task:
    """Let Moodle's own task bring the site in step with these rows, as on a production site.

    None stands for the rows of the last time. The setting for leavers is the one of the last ``site.reset``. Caches of code and settings are warm, as they are
    where cron runs every minute.
    """
    site.debugging = False
    if rows is not None:
        with site.database() as database:
            load(database, rows)
    site.cli("scheduled_task.php", "--list")
    start = time.perf_counter()
    said = site.task()
    seconds = time.perf_counter() - start
    queries = re.search(r"used (\d+) dbqueries", said)
    if not queries:
        raise AssertionError(said)
    return Task(seconds, int(queries[1]))
