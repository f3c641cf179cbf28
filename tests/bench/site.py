"""A university on a server: 30,000 people, 200 registrations a course, and Greffe's configuration for it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from greffe.apply.schema import ensure_tables
from greffe.demo.moodle_tables import RowFormat, create_tables, minimal_site
from greffe.moodle.database import connect
from tests.bench.process import Cost, measure
from tests.lab.server import Server
from tests.lab.site import MoodleSite, database
from tests.lab.toml import PASSWORD, moodle_table
from tests.moodle.database import Database, connected
from tests.moodle.measure import populate
from tests.moodle.scenario import Leavers

PEOPLE = 30_000
PER_COURSE = 200

CONFIG = """
[feed.ip]
csv = "{csv}"
person = "person"

[[course]]
feed = "ip"
course = "{{{{ course }}}}"
role = "student"
leavers = "{leavers}"
{purge}

# a sixth of all people change at once where Moodle's waits are measured
[guards.feed]
suspensions = "none"
removals = "none"
at_most = 100000
"""


@dataclass(frozen=True, slots=True)
class Night(Cost):
    """One run of ``greffe`` as a whole process."""

    statements: int


@dataclass(frozen=True, slots=True)
class Span:
    """Registrations by number, from the first to before the last; see ``pairs``."""

    courses: int
    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first

    def pairs(self) -> Iterator[tuple[str, str]]:
        """(course, person), each once: everybody moves on by one course after each round of all people."""
        for n in range(self.first, self.last):
            again, person = divmod(n, PEOPLE)
            yield f"C{(person + again) % self.courses + 1:05}", f"P{person + 1:07}"

    def moved(self, by: int) -> Span:
        """So many registrations gone, and as many new ones, evenly over the courses."""
        return Span(self.courses, self.first + by, self.last + by)


def span(rows: int) -> Span:
    """So many registrations in courses of 200."""
    return Span(max(1, rows // PER_COURSE), 0, rows)


@dataclass(frozen=True, slots=True)
class BenchSite:
    """One Moodle database with Greffe beside it."""

    server: Server
    name: str
    folder: Path

    def deliver(self, registrations: Span) -> None:
        """Write tonight's extract."""
        with (self.folder / "ip.csv").open("w", encoding="utf-8") as file:
            file.write("person;course\n")
            lines = (f"{person};{course}\n" for course, person in registrations.pairs())
            while part := "".join(islice(lines, 10_000)):
                file.write(part)

    def night(self, leavers: Leavers = "suspend") -> Night:
        """``greffe nightly``; raises CommandError where it does not end with 0."""
        rules = CONFIG.format(
            csv=self.folder / "ip.csv",
            leavers=leavers,
            purge="purge = { with_grades = true }" if leavers == "unenrol" else "",
        )
        return self.greffe(rules, "nightly")

    def greffe(self, rules: str, *command: str) -> Night:
        """A command on this site with these sections in its configuration; raises CommandError where it does not end with 0."""
        server, config, statements = self.server, self.folder / "greffe.toml", self.folder / "statements"
        config.write_text(moodle_table(server, self.name) + rules, encoding="utf-8")
        counted = str(Path(__file__).with_name("counted.py"))
        cost = measure(
            # -P: this directory's modules must not hide others of the same name
            [sys.executable, "-P", counted, str(statements), "-c", str(config), *command],
            {PASSWORD: server.password},
        )
        return Night(
            cost.seconds, cost.cpu_seconds, cost.peak_mb, int(statements.read_text(encoding="ascii"))
        )

    def make_own_tables(self) -> None:
        """Greffe's own tables, so that a first load is no installation."""
        db = connect(MoodleSite(self.server, self.name).settings)
        ensure_tables(db)
        db.close()

    def empty(self) -> None:
        """As before the first load."""
        with connected(self.server, self.name) as db:
            for table in ("user_enrolments", "role_assignments", "cache_flags", "local_greffe_change",
                          "local_greffe_scope", "local_greffe_feed", "local_greffe_run"):  # fmt: skip
                db.run(f"TRUNCATE TABLE mdl_{table}")
            db.run("DELETE FROM mdl_enrol WHERE enrol = 'database'")
        self.settle()

    def settle(self) -> None:
        """What a server does between two nights: statistics are fresh, deleted rows are cleared away."""
        with connected(self.server, self.name) as db:
            if self.server.engine == "postgresql":
                db.run("VACUUM ANALYZE")
                db.run("CHECKPOINT")
            else:
                db.query(
                    "ANALYZE TABLE mdl_user_enrolments, mdl_role_assignments, mdl_enrol, mdl_cache_flags"
                )
                _wait_for_purge(db)


def _wait_for_purge(db: Database) -> None:
    """InnoDB clears deleted rows away behind the scenes, for some seconds after many were deleted."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        ((_, left),) = db.query("SHOW GLOBAL STATUS LIKE 'Innodb_history_list_length'")
        if int(left) < 100:
            return
        time.sleep(0.1)


@contextmanager
def plain_site(
    server: Server, courses: int, folder: Path, row_format: RowFormat = "COMPRESSED"
) -> Iterator[BenchSite]:
    """A database with Moodle's tables, people and courses, and nobody enrolled."""
    with database(server) as name:
        with connected(server, name) as db:
            with db.rows() as tables:
                create_tables(tables.query, server.engine, row_format=row_format)
                minimal_site(tables)
            populate(db, PEOPLE, courses)
        site = BenchSite(server, name, folder)
        site.make_own_tables()
        site.settle()
        yield site


def add_suspended(db: Database, registrations: Span) -> None:
    """Leavers of earlier years, as Greffe and Moodle leave them: suspended, their roles kept."""
    _add_enrolments(db, registrations, status=1)


def add_active(db: Database, registrations: Span) -> None:
    """The enrolments that a first load would have made, where it would take too long; by the database itself."""
    db.run(
        "INSERT INTO mdl_enrol (enrol, status, courseid, sortorder, timecreated, timemodified)"
        " SELECT 'database', 0, id, 3, 1700000000, 1700000000 FROM mdl_course WHERE category <> 0 ORDER BY id"
    )
    step = 1_000_000
    for first in range(registrations.first, registrations.last, step):
        part = Span(registrations.courses, first, min(first + step, registrations.last))
        _add_enrolments(db, part, status=0)


def _add_enrolments(db: Database, registrations: Span, status: int) -> None:
    first, last = registrations.first, registrations.last - 1
    numbers = (
        f"(SELECT seq AS n FROM seq_{first}_to_{last})"
        if db.server.engine == "mariadb"
        else f"generate_series({first}, {last})"
    )
    whole = "DIV" if db.server.engine == "mariadb" else "/"
    # the same as Span.pairs; the numbers of courses and people are where their ids begin
    ((course,),) = db.query("SELECT id FROM mdl_course WHERE idnumber = 'C00001'")
    ((person,),) = db.query("SELECT id FROM mdl_user WHERE idnumber = 'P0000001'")
    found = (f" FROM {numbers} AS s(n)" if db.server.engine == "postgresql" else f" FROM {numbers} AS s") + (
        f" JOIN mdl_enrol e ON e.courseid = {course} + (n % {PEOPLE} + n {whole} {PEOPLE}) % {registrations.courses}"
        f" AND e.enrol = 'database' JOIN mdl_context x ON x.contextlevel = 50 AND x.instanceid = e.courseid"
        f" ORDER BY e.id, n % {PEOPLE}"
    )
    user = f"{person} + n % {PEOPLE}"
    db.run(
        "INSERT INTO mdl_user_enrolments (status, enrolid, userid, timestart, timeend, modifierid, timecreated, timemodified)"
        f" SELECT {status}, e.id, {user}, 0, 0, 2, 1700000000, 1700000000 {found}"
    )
    db.run(
        "INSERT INTO mdl_role_assignments (roleid, contextid, userid, component, itemid, timemodified, modifierid, sortorder)"
        f" SELECT 5, x.id, {user}, 'enrol_database', e.id, 1700000000, 2, 0 {found}"
    )
