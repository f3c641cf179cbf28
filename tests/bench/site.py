"""A university on a server: 30,000 people, 200 registrations a course, and Greffe's configuration for it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from greffe.apply.schema import ensure_tables
from greffe.demo.moodle_tables import create_tables, minimal_site
from greffe.moodle.database import Settings, connect
from tests.bench.process import Cost, measure
from tests.lab.server import Server
from tests.lab.site import database
from tests.moodle.database import Database, connected
from tests.moodle.measure import populate

PEOPLE = 30_000
PER_COURSE = 200

CONFIG = """
[moodle]
type = "{type}"
{place}
name = "{name}"
user = "{user}"
password = {{ env = "GREFFE_BENCH_PASSWORD" }}
prefix = "mdl_"

[feed.ip]
csv = "{csv}"
person = "person"

[[course]]
feed = "ip"
course = "{{{{ course }}}}"
role = "student"
leavers = "suspend"

[guards.feed]
at_most = 100000
"""


@dataclass(frozen=True, slots=True)
class Night(Cost):
    """One run of ``greffe nightly`` as a whole process."""

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

    def night(self) -> Night:
        """``greffe nightly``; raises CommandError where it does not end with 0."""
        server, config, statements = self.server, self.folder / "greffe.toml", self.folder / "statements"
        place = "socket" if server.host.startswith("/") else "host"
        config.write_text(CONFIG.format(
            type="pgsql" if server.engine == "postgresql" else "mariadb",
            place=f'{place} = "{server.host}"\nport = {server.port}',
            name=self.name, user=server.user, csv=self.folder / "ip.csv",
        ), encoding="utf-8")  # fmt: skip
        counted = str(Path(__file__).with_name("counted.py"))
        cost = measure(
            # -P: this directory's modules must not hide others of the same name
            [sys.executable, "-P", counted, str(statements), "-c", str(config), "nightly"],
            {"GREFFE_BENCH_PASSWORD": server.password},
        )
        return Night(
            cost.seconds, cost.cpu_seconds, cost.peak_mb, int(statements.read_text(encoding="ascii"))
        )

    def make_own_tables(self) -> None:
        """Greffe's own tables, so that a first load is no installation."""
        s = self.server
        db = connect(Settings(
            engine=s.engine, port=s.port, user=s.user, password=s.password, name=self.name,
            **({"socket": s.host} if s.host.startswith("/") else {"host": s.host}),
        ))  # fmt: skip
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


@contextmanager
def plain_site(server: Server, courses: int, folder: Path) -> Iterator[BenchSite]:
    """A database with Moodle's tables, people and courses, and nobody enrolled."""
    with database(server) as name:
        with connected(server, name) as db:
            with db.rows() as tables:
                create_tables(tables.query, server.engine)
                minimal_site(tables)
            populate(db, PEOPLE, courses)
        site = BenchSite(server, name, folder)
        site.make_own_tables()
        site.settle()
        yield site


def add_suspended(db: Database, registrations: Span) -> None:
    """Leavers of earlier years, as Greffe and Moodle leave them: suspended, their roles kept."""
    kinds = "course varchar(100) NOT NULL, person varchar(255) NOT NULL"
    db.run(f"CREATE TABLE bench_leavers ({kinds})")
    _fill(db, registrations.pairs())
    found = (
        " FROM bench_leavers l JOIN mdl_course c ON c.idnumber = l.course"
        " JOIN mdl_enrol e ON e.courseid = c.id AND e.enrol = 'database'"
        " JOIN mdl_context x ON x.contextlevel = 50 AND x.instanceid = c.id"
        " JOIN mdl_user u ON u.idnumber = l.person ORDER BY e.id, u.id"
    )
    db.run(
        "INSERT INTO mdl_user_enrolments (status, enrolid, userid, timestart, timeend, modifierid, timecreated, timemodified)"
        f" SELECT 1, e.id, u.id, 0, 0, 2, 1700000000, 1700000000 {found}"
    )
    db.run(
        "INSERT INTO mdl_role_assignments (roleid, contextid, userid, component, itemid, timemodified, modifierid, sortorder)"
        f" SELECT 5, x.id, u.id, 'enrol_database', e.id, 1700000000, 2, 0 {found}"
    )
    db.run("DROP TABLE bench_leavers")


def _fill(db: Database, pairs: Iterable[tuple[str, str]]) -> None:
    each = iter(pairs)
    while part := list(islice(each, 100_000)):
        db.many("INSERT INTO bench_leavers VALUES (%s, %s)", part)
