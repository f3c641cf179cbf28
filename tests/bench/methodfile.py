"""Two thousand cohort-sync methods in one file: ``greffe methods FILE`` beside Moodle's own course upload."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.bench.campus import GUARDS, enrolled
from tests.bench.result import Result
from tests.bench.site import BenchSite, Night, plain_site
from tests.bench.yardstick import TASKS, uploading_site
from tests.lab.server import Server
from tests.moodle.database import Database, connected
from tests.moodle.site import Site
from tests.moodle.tree import Tree

COURSES, COHORTS, MEMBERS = 100, 20, 10
"""Every course follows every cohort: 2,000 methods, 20,000 enrolments."""
FEW = 40
"""Lines by which Moodle's own rate is measured: each synchronises its course three times over."""
UPLOAD = TASKS.with_name("upload_courses.php")
HEADER = "shortname,enrolment_1,enrolment_1_role,enrolment_1_cohortidnumber"


class MethodFileBench:
    """One site; the size of the bench does not matter to it."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def run(self, tree: Tree | None, folder: Path) -> Iterator[Result]:
        """The first time, and the same file again, of which nothing is left to do."""
        with ExitStack() as stack:
            moodle: Site | None = None
            if tree:
                site, moodle = stack.enter_context(uploading_site(tree, self.server, COURSES, folder))
            else:
                site = stack.enter_context(plain_site(self.server, COURSES, folder))
            db = stack.enter_context(connected(self.server, site.name))
            lines = [f"C{c:05},cohort,student,K{k}" for c in range(1, COURSES + 1) for k in range(COHORTS)]
            self._lay_out(db)
            own = [self._upload(db, moodle, folder, lines[:FEW]) / FEW * len(lines)] if moodle else []
            nights = []
            for _ in range(3):
                self._forget(db, site)
                nights.append(self._greffe(site, folder, lines))
                if (made := enrolled(db, "cohort")) != len(lines) * MEMBERS:
                    raise AssertionError(f"{made} enrolments by the file")
            yield Result.best("methods-file", self.server.engine, len(lines), nights, own)
            again = [self._greffe(site, folder, lines) for _ in range(3)]
            yield Result.best("methods-file-again", self.server.engine, len(lines), again)

    @staticmethod
    def _lay_out(db: Database) -> None:
        people = [i for (i,) in db.query("SELECT id FROM mdl_user WHERE idnumber LIKE 'P%' ORDER BY id")]
        with db.rows() as rows:
            common = {"contextid": 1, "descriptionformat": 1, "timecreated": 1, "timemodified": 1}
            made = rows.insert(
                "cohort", [common | {"name": f"K{k}", "idnumber": f"K{k}"} for k in range(COHORTS)]
            )
            rows.insert("cohort_members", [
                {"cohortid": cohort, "userid": people[k * MEMBERS + n], "timeadded": 1}
                for k, cohort in enumerate(made) for n in range(MEMBERS)
            ])  # fmt: skip

    @staticmethod
    def _forget(db: Database, site: BenchSite) -> None:
        """As before the file."""
        db.run("DELETE FROM mdl_enrol WHERE enrol = 'cohort'")
        site.empty()

    @staticmethod
    def _greffe(site: BenchSite, folder: Path, lines: Sequence[str]) -> Night:
        return site.greffe(GUARDS, "methods", str(_deliver(folder, lines)), "--yes")

    def _upload(self, db: Database, moodle: Site, folder: Path, lines: Sequence[str]) -> float:
        """Seconds of the whole process of Moodle's own."""
        moodle.cli("scheduled_task.php", "--list")
        text = _deliver(folder, lines).read_text(encoding="utf-8")
        start = time.perf_counter()
        said = moodle.php(UPLOAD, stdin=text)
        seconds = time.perf_counter() - start
        if (made := enrolled(db, "cohort")) != len(lines) * MEMBERS:
            raise AssertionError(f"{made} enrolments by Moodle's upload:\n{said}")
        return seconds


def _deliver(folder: Path, lines: Sequence[str]) -> Path:
    file = folder / "methods.csv"
    file.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return file
