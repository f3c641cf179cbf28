"""Moodle's own enrol_database task on the very database that Greffe is measured on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.site import PEOPLE, BenchSite, Span
from tests.lab.server import Server
from tests.moodle.measure import moodle_task_seconds, populate
from tests.moodle.scenario import Leavers, Row
from tests.moodle.site import Site, site
from tests.moodle.tree import Tree
from tests.moodle.world import UNENROLACTION

FIRST_LOAD = Span(courses=10, first=0, last=2000)
"""Moodle takes some five milliseconds an enrolment: a rate, measured on few."""


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


@contextmanager
def moodle_site(
    tree: Tree, server: Server, courses: int, folder: Path
) -> Iterator[tuple[BenchSite, Yardstick]]:
    """A new Moodle with people and courses, nobody enrolled; leavers are suspended there as well."""
    with site(tree, server) as moodle:
        moodle.reset({"unenrolaction": UNENROLACTION["suspend"]})
        with moodle.database() as db:
            populate(db, PEOPLE, courses)
        bench = BenchSite(server, moodle.name, folder)
        bench.make_own_tables()
        bench.settle()
        yield bench, Yardstick(moodle)
