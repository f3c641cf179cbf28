"""The cases of the bench on one database and one number of rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.bench.limit import limit
from tests.bench.result import Result
from tests.bench.site import BenchSite, Night, Span, add_active, add_suspended, plain_site, span
from tests.bench.waiting import Writer
from tests.bench.yardstick import FIRST_LOAD, Yardstick, moodle_site
from tests.lab.server import Server
from tests.moodle.database import connected
from tests.moodle.scenario import Leavers
from tests.moodle.tree import Tree

MOODLE_UP_TO = 200_000
"""Rows up to which Moodle's own task is measured on the same data; above, only its rate is."""
FEW_ROUNDS_ABOVE = 200_000
"""Rows above which one first load and one copy of the rows must do, since each takes minutes."""
LOADED_UP_TO = 2_000_000
"""Rows up to which Greffe makes the first load; above, the database does, and only a night without changes is measured."""
BESIDE = 100_000
"""The number of rows at which row formats, the journal and the waits of Moodle's pages are measured as well."""


class Bench:
    """One site from its first load on."""

    def __init__(self, server: Server, rows: int, rate: float | None) -> None:
        """``rate``: seconds in which Moodle makes one enrolment, as far as that is known already."""
        self.server, self.rows, self.rate = server, rows, rate
        self.rounds = 3 if rows <= FEW_ROUNDS_ABOVE else 1
        self.registrations = span(rows)
        self.courses = self.registrations.courses

    def run(self, tree: Tree | None, folder: Path) -> Iterator[Result]:
        """All cases, each as soon as it is measured."""
        if self.rows > LOADED_UP_TO:
            yield self._loaded_by_the_database(folder)
            return
        courses = max(self.courses, FIRST_LOAD.courses)
        with ExitStack() as stack:
            moodle: Yardstick | None = None
            if tree and self.rows <= MOODLE_UP_TO:
                site, moodle = stack.enter_context(moodle_site(tree, self.server, courses, folder))
            else:
                site = stack.enter_context(plain_site(self.server, courses, folder))
            yield from self._first_load("first-load", site, moodle)
            site.settle()
            yield self._no_change("no-change", site, moodle)
            yield self._changes("changes", site, moodle, "unenrol")
            yield self._changes("changes-suspended", site, moodle, "suspend")
            if self.rows == BESIDE:
                yield self._moodle_waits(site)
            with connected(self.server, site.name) as db:
                last = self.registrations.last
                add_suspended(db, Span(self.courses, last, last + 2 * self.rows))
            site.settle()
            yield self._no_change("no-change-with-suspended", site, moodle)
        if self.rows == BESIDE and self.server.engine == "mariadb":
            yield from self._dynamic(folder)

    def _loaded_by_the_database(self, folder: Path) -> Result:
        with plain_site(self.server, self.courses, folder) as site:
            with connected(self.server, site.name) as db:
                add_active(db, self.registrations)
            site.settle()
            site.deliver(self.registrations)
            return self._no_change("no-change", site, None)

    def _dynamic(self, folder: Path) -> Iterator[Result]:
        """The same tables, not compressed."""
        self.registrations = span(self.rows)
        with plain_site(self.server, self.courses, folder, "DYNAMIC") as site:
            yield next(self._first_load("first-load-dynamic", site, None))
            site.settle()
            yield self._no_change("no-change-dynamic", site, None)

    def _moodle_waits(self, site: BenchSite) -> Result:
        """The longest that one of Moodle's writes takes while half as many changes as rows are written."""
        self.registrations = self.registrations.moved(self.rows // 6)
        site.deliver(self.registrations)
        with Writer(site) as writer:
            night = site.night()
        if writer.given_way:
            raise AssertionError(f"{writer.given_way} of {writer.writes} writes of Moodle had to give way")
        return Result(
            "moodle-waits", self.server.engine, self.rows, round(writer.longest, 3), round(night.cpu_seconds, 3),
            round(night.peak_mb, 1), writer.writes, None, None,
        )  # fmt: skip

    def _first_load(self, case: str, site: BenchSite, moodle: Yardstick | None) -> Iterator[Result]:
        if moodle:
            self.rate = moodle.seconds(FIRST_LOAD) / len(FIRST_LOAD)
        site.deliver(self.registrations)
        nights = []
        for _ in range(self.rounds):
            site.empty()
            nights.append(site.night())
        with connected(self.server, site.name) as db:
            ((count,),) = db.query("SELECT COUNT(*) FROM mdl_user_enrolments")
            if count != self.rows:
                raise AssertionError(f"{count} enrolments instead of {self.rows}")
            least = limit(db, self.rounds)
        tasks = [self.rate * self.rows] if self.rate and case == "first-load" else []
        yield self._result(case, nights, tasks, least.seconds)
        engine = self.server.engine
        share = round(least.journal / least.seconds, 2)
        yield Result("journal", engine, self.rows, round(least.journal, 3), 0, 0, 0, None, share)

    def _no_change(self, case: str, site: BenchSite, moodle: Yardstick | None) -> Result:
        site.night()  # the server's memory is warm for both
        if moodle:
            moodle.seconds(self.registrations)
        nights, tasks = [], []
        for _ in range(self.rounds + 2):
            nights.append(site.night())
            if moodle:
                tasks.append(moodle.again())
        return self._result(case, nights, tasks)

    def _changes(self, case: str, site: BenchSite, moodle: Yardstick | None, leavers: Leavers) -> Result:
        """1 % in and 1 % out, other people each round; Moodle does the last one."""
        nights, tasks = [], []
        for _ in range(self.rounds):
            self._move(site)
            nights.append(site.night(leavers))
        if moodle:
            self._move(site)
            moodle.treat(leavers)
            tasks.append(moodle.seconds(self.registrations))
        return self._result(case, nights, tasks)

    def _move(self, site: BenchSite) -> None:
        self.registrations = self.registrations.moved(max(1, self.rows // 100))
        site.deliver(self.registrations)

    def _result(
        self, case: str, nights: list[Night], tasks: list[float], limit: float | None = None
    ) -> Result:
        return Result.best(case, self.server.engine, self.rows, nights, tasks, limit)
