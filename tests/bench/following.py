"""Cohort sync and course meta links: ``greffe methods sync`` beside Moodle's own two tasks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.bench.campus import CHILDREN, COURSES, MEMBERS, PLUGINS, Campus, courses_of, enrolled
from tests.bench.cases import FEW_ROUNDS_ABOVE, LOADED_UP_TO, MOODLE_UP_TO
from tests.bench.limit import limit
from tests.bench.result import Result
from tests.bench.site import Night, plain_site
from tests.bench.yardstick import FIRST_LOAD, Tasks, following_site
from tests.lab.server import Server
from tests.moodle.database import Database, connected
from tests.moodle.tree import Tree

FEW = len(FIRST_LOAD) // MEMBERS
"""Courses in which Moodle's own first sync is measured: as many enrolments as its other task makes."""
NO_NEW_METHODS = {"enrol": "1 = 0"}
"""What a first sync does not write…"""
OF_META = NO_NEW_METHODS | {
    "user_enrolments": "enrolid IN (SELECT id FROM mdl_enrol WHERE enrol = 'meta')",
    "role_assignments": "component = 'enrol_meta'",
}
"""…and what is not its own where another method is full already."""
Rates = dict[str, float]
"""Method → seconds in which Moodle makes one enrolment, as far as that is known."""


class FollowingBench:
    """One site from its first sync on: ``rows`` enrolments through cohorts, then half as many through meta links."""

    def __init__(self, server: Server, rows: int, rates: Rates) -> None:
        self.server, self.rates = server, rates
        self.cohorts = max(1, rows // (MEMBERS * COURSES))
        self.rows = {
            "cohort": self.cohorts * COURSES * MEMBERS,
            "meta": self.cohorts * CHILDREN * MEMBERS,
        }
        self.rounds = 3 if rows <= FEW_ROUNDS_ABOVE else 1

    def run(self, tree: Tree | None, folder: Path) -> Iterator[Result]:
        """All cases, each as soon as it is measured."""
        rows, courses = self.rows["cohort"], courses_of(self.cohorts)
        if rows > LOADED_UP_TO:
            return
        with ExitStack() as stack:
            tasks: Tasks | None = None
            if tree and rows <= MOODLE_UP_TO:
                site, tasks = stack.enter_context(following_site(tree, self.server, courses, folder))
            else:
                site = stack.enter_context(plain_site(self.server, courses, folder))
            db = stack.enter_context(connected(self.server, site.name))
            campus = Campus(site, self.cohorts)
            self._switch_on(db, tasks, PLUGINS)
            campus.lay_out(db)
            yield self._first_cohorts(db, campus, tasks)
            yield self._no_change(campus, tasks, "cohort")
            yield self._changes(db, campus, tasks)
            self._switch_on(db, tasks, f"{PLUGINS},meta")
            yield self._first_children(db, campus, tasks)
            yield self._no_change(campus, tasks, "meta")
            yield self._no_change(campus, tasks, "cohort", "meta")

    @staticmethod
    def _switch_on(db: Database, tasks: Tasks | None, plugins: str) -> None:
        if tasks:
            tasks.switch_on(plugins)
        else:
            db.run("UPDATE mdl_config SET value = %s WHERE name = 'enrol_plugins_enabled'", plugins)

    def _first_cohorts(self, db: Database, campus: Campus, tasks: Tasks | None) -> Result:
        if tasks:
            campus.follow_cohorts(db, FEW)
            self._rate(db, tasks, "cohort")
        nights = []
        for _ in range(self.rounds):
            campus.follow_cohorts(db)
            nights.append(campus.sync("cohort"))
            self._check(db, "cohort")
        return self._first(db, "cohort", nights)

    def _first_children(self, db: Database, campus: Campus, tasks: Tasks | None) -> Result:
        if tasks:
            campus.follow_courses(db, FEW)
            self._rate(db, tasks, "meta")
        nights = []
        for _ in range(self.rounds):
            campus.follow_courses(db)
            nights.append(campus.sync("meta"))
            self._check(db, "meta")
        return self._first(db, "meta", nights)

    def _rate(self, db: Database, tasks: Tasks, method: str) -> None:
        seconds = tasks.seconds(method)
        made = enrolled(db, method)
        if made != FEW * MEMBERS:
            raise AssertionError(f"Moodle made {made} enrolments instead of {FEW * MEMBERS}")
        self.rates[method] = seconds / made

    def _check(self, db: Database, method: str) -> None:
        made = enrolled(db, method)
        if made != self.rows[method]:
            raise AssertionError(f"{made} enrolments instead of {self.rows[method]}")

    def _first(self, db: Database, method: str, nights: list[Night]) -> Result:
        rows = self.rows[method]
        only = NO_NEW_METHODS if method == "cohort" else OF_META
        least = limit(db, self.rounds, only).seconds
        tasks = [self.rates[method] * rows] if method in self.rates else []
        return Result.best(f"{method}-first-sync", self.server.engine, rows, nights, tasks, least)

    def _no_change(self, campus: Campus, tasks: Tasks | None, *methods: str) -> Result:
        campus.site.settle()
        campus.sync(*methods)  # the server's memory is warm for both
        if tasks:
            tasks.seconds(*methods)
        nights, own = [], []
        for _ in range(self.rounds + 2):
            nights.append(campus.sync(*methods))
            if tasks:
                own.append(tasks.seconds(*methods))
        name = methods[0] if len(methods) == 1 else "methods"
        rows = sum(self.rows[m] for m in methods)
        return Result.best(f"{name}-no-change", self.server.engine, rows, nights, own)

    def _changes(self, db: Database, campus: Campus, tasks: Tasks | None) -> Result:
        """1 % join and 1 % leave, other people each round; Moodle does the last one."""
        nights, own = [], []
        for _ in range(self.rounds):
            campus.move(db)
            nights.append(campus.sync("cohort"))
        if tasks:
            campus.move(db)
            own.append(tasks.seconds("cohort"))
        self._check(db, "cohort")
        return Result.best("cohort-changes", self.server.engine, self.rows["cohort"], nights, own)
