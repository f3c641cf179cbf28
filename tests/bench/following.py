"""Cohort sync and course meta links: ``greffe methods sync`` beside Moodle's own two tasks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.bench.campus import CHILDREN, COURSES, MEMBERS, PLUGINS, Campus, courses_of, enrolled
from tests.bench.cases import FEW_ROUNDS_ABOVE, LOADED_UP_TO, MOODLE_UP_TO
from tests.bench.limit import limit
from tests.bench.result import Result
from tests.bench.site import plain_site
from tests.bench.yardstick import FIRST_LOAD, Tasks, following_site
from tests.lab.server import Server
from tests.moodle.database import Database, connected
from tests.moodle.tree import Tree

FEW = len(FIRST_LOAD) // MEMBERS
"""Courses in which Moodle's own first sync is measured: as many enrolments as its other task makes."""
OF_COHORTS = {"enrol": "1 = 0"}
OF_META = OF_COHORTS | {
    "user_enrolments": "enrolid IN (SELECT id FROM mdl_enrol WHERE enrol = 'meta')",
    "role_assignments": "component = 'enrol_meta'",
}
"""Which rows a first sync wrote: no new instances, and nothing of what was there before."""
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
            yield self._first(db, campus, tasks, "cohort")
            yield self._no_change(campus, tasks, "cohort")
            yield self._changes(db, campus, tasks)
            self._switch_on(db, tasks, f"{PLUGINS},meta")
            yield self._first(db, campus, tasks, "meta")
            yield self._no_change(campus, tasks, "meta")
            yield self._no_change(campus, tasks, "cohort", "meta")

    @staticmethod
    def _switch_on(db: Database, tasks: Tasks | None, plugins: str) -> None:
        if tasks:
            tasks.switch_on(plugins)
        else:
            db.run("UPDATE mdl_config SET value = %s WHERE name = 'enrol_plugins_enabled'", plugins)

    def _first(self, db: Database, campus: Campus, tasks: Tasks | None, method: str) -> Result:
        follow = {"cohort": campus.follow_cohorts, "meta": campus.follow_courses}[method]
        if tasks:
            taken = []
            for _ in range(2):
                follow(db, FEW)
                taken.append(tasks.seconds(method))
                self._check(db, method, FEW * MEMBERS)
            self.rates[method] = min(taken) / (FEW * MEMBERS)
        rows, nights = self.rows[method], []
        for _ in range(self.rounds):
            follow(db)
            nights.append(campus.sync(method))
            self._check(db, method, rows)
        least = limit(db, self.rounds, OF_COHORTS if method == "cohort" else OF_META).seconds
        own = [self.rates[method] * rows] if method in self.rates else []
        return Result.best(f"{method}-first-sync", self.server.engine, rows, nights, own, least)

    @staticmethod
    def _check(db: Database, method: str, wanted: int) -> None:
        if (made := enrolled(db, method)) != wanted:
            raise AssertionError(f"{made} enrolments instead of {wanted}")

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
        self._check(db, "cohort", self.rows["cohort"])
        return Result.best("cohort-changes", self.server.engine, self.rows["cohort"], nights, own)
