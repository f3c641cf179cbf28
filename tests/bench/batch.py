"""A file of people into courses: ``greffe enrol`` beside the command that Moodle has for the same file."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.bench.cases import MOODLE_UP_TO
from tests.bench.following import OF_COHORTS
from tests.bench.limit import limit
from tests.bench.result import Result
from tests.bench.site import PEOPLE, BenchSite, plain_site
from tests.bench.yardstick import uploading_site
from tests.lab.server import Server
from tests.moodle.database import Database, connected
from tests.moodle.site import Site
from tests.moodle.tree import Tree

PER_COURSE = 40
"""People of one course: 20,000 lines are 500 courses."""
ROUNDS = 3
FEW = 1_000
"""Lines by which Moodle's own rate is measured: it takes some milliseconds a line."""
GUARDS = '[guards.feed]\nadditions = "none"\n'


class BatchBench:
    """One site and one file of so many lines, in the format of tool_uploaduser."""

    def __init__(self, server: Server, rows: int) -> None:
        self.server, self.rows = server, rows
        self.courses = max(1, rows // PER_COURSE)

    def run(self, tree: Tree | None, folder: Path) -> Iterator[Result]:
        """A first time, and a second that finds nothing to do."""
        if self.rows > MOODLE_UP_TO:
            return  # nobody sends a longer list
        with ExitStack() as stack:
            moodle: Site | None = None
            if tree:
                site, moodle = stack.enter_context(uploading_site(tree, self.server, self.courses, folder))
            else:
                site = stack.enter_context(plain_site(self.server, self.courses, folder))
            db = stack.enter_context(connected(self.server, site.name))
            rate = self._rate(db, site, moodle) if moodle else None
            file = self._file(folder, self.rows)
            nights = []
            for _ in range(ROUNDS):
                self._empty(db, site)
                nights.append(site.greffe(GUARDS, "enrol", str(file), "--yes"))
                self._check(db, self.rows)
            least = limit(db, ROUNDS, OF_COHORTS).seconds
            own = [rate * self.rows] if rate else []
            yield Result.best("batch-enrol", self.server.engine, self.rows, nights, own, least)
            site.settle()
            again = [site.greffe(GUARDS, "enrol", str(file), "--yes") for _ in range(ROUNDS)]
            yield Result.best("batch-enrol-again", self.server.engine, self.rows, again)

    def _file(self, folder: Path, rows: int) -> Path:
        """Everybody once, then once more in the next course, in two groups of each."""
        path = folder / "people.csv"
        with path.open("w", encoding="utf-8") as file:
            file.write("username,course1,role1,group1,enroltimestart1\n")
            for n in range(rows):
                again, person = divmod(n, PEOPLE)
                course = (person + again) % self.courses + 1
                file.write(f"p{person + 1:07},C{course:05},student,TD{person % 2 + 1},2026-09-01\n")
        return path

    def _rate(self, db: Database, site: BenchSite, moodle: Site) -> float:
        """Seconds that Moodle's own command takes for one line of the same file."""
        few = min(FEW, self.rows)
        file = self._file(site.folder, few)
        script = moodle.code / "admin" / "tool" / "uploaduser" / "cli" / "uploaduser.php"
        taken = []
        for _ in range(2):
            self._empty(db, site)
            moodle.cli("scheduled_task.php", "--list")  # caches of code and settings are warm
            start = time.perf_counter()
            moodle.php(script, f"--file={file}", "--delimiter_name=comma", "--uutype=3", "--uuupdatetype=0")
            taken.append(time.perf_counter() - start)
            self._check(db, few)
        return min(taken) / few

    @staticmethod
    def _empty(db: Database, site: BenchSite) -> None:
        for table in ("groups", "groups_members"):
            db.run(f"TRUNCATE TABLE mdl_{table}")
        site.empty()

    @staticmethod
    def _check(db: Database, wanted: int) -> None:
        ((made,),) = db.query("SELECT COUNT(*) FROM mdl_groups_members")
        if made != wanted:
            raise AssertionError(f"{made} people in groups instead of {wanted}")
