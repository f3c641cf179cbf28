"""A Moodle site that runs: its database on a test server, its own empty data directory, PHP from this machine.

Installing takes most of a minute, so it is done once per version and engine; what it made is kept in the cache as a
snapshot, from which every later session starts in seconds. One site serves many tests: ``reset`` brings it back.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from tests.lab.ladder import database_server
from tests.lab.server import Server
from tests.lab.site import database as fresh_database
from tests.moodle import snapshot
from tests.moodle.database import Database, connected, create, drop
from tests.moodle.scenario import TABLE, create_table
from tests.moodle.tree import Tree, cache

PHP = ("php", "-d", "max_input_vars=5000", "-d", "display_errors=stderr")
INSTALL = (
    "--agree-license", "--lang=en", "--fullname=Judge", "--shortname=judge", "--adminuser=admin",
    "--adminpass=Judge-1234", "--adminemail=admin@example.org",
)  # fmt: skip
TASK = "\\enrol_database\\task\\sync_enrolments"
DONE = "-- done --"
"""The line by which php/live.php says that it has done what it was told."""
OF_CODE = {
    "core_databasemeta", "core_hookcallbacks", "core_langmenu", "core_observers", "core_plugin_functions", "core_string"
}  # fmt: skip
"""Moodle's caches of what is in its code and in the shape of its tables."""
LIVE = Path(__file__).parent / "php" / "live.php"


class MoodleError(AssertionError):
    """Moodle's PHP ended badly; its output says why."""


@dataclass(frozen=True)
class Living:
    """A Moodle process that waits to be told what happens: starting one costs more than most of what it does."""

    orders: IO[str]
    answers: IO[str]
    complaints: IO[str]

    def do(self, steps: Sequence[Mapping[str, object]]) -> str:
        """These steps of php/steps.php, in order; what Moodle said. Raises MoodleError where it complains."""
        self.orders.write(json.dumps(list(steps)) + "\n")
        self.orders.flush()
        said, answered = [], False
        for line in self.answers:
            if answered := line == f"{DONE}\n":
                break
            said.append(line)
        self.complaints.seek(0)
        complaints = self.complaints.read()
        if complaints or not answered:
            raise MoodleError(f"{[step['step'] for step in steps]}:\n{''.join(said)}\n{complaints}")
        return "".join(said)


class Site:
    """One Moodle on one server."""

    def __init__(
        self, tree: Tree, server: Server, name: str, dataroot: Path, base: snapshot.Snapshot
    ) -> None:
        self.tree, self.server, self.name, self.dataroot = tree, server, name, dataroot
        self.debugging = True
        """Moodle's developer mode: its own complaints fail a test. Off where time is measured."""
        self._base = base
        self._sums: dict[str, str] = {}

    @property
    def code(self) -> Path:
        """Where the pages and the plugins are."""
        public = self.tree.runnable / "public"
        return public if public.is_dir() else self.tree.runnable

    @property
    def label(self) -> str:
        """Version and engine, as golden files name them."""
        return f"{self.tree.version}-{self.server.engine}"

    def build(self) -> None:
        """Make the site from its snapshot, with the settings that name this server."""
        (self.dataroot / "temp").mkdir(exist_ok=True)  # Moodle complains if a backup is what makes it
        create(self.server, self.name)
        with connected(self.server, self.name) as database:
            snapshot.restore(database, self._base)
            _connect_enrol_database(database)
            self._base = snapshot.take(database)
            self._sums = snapshot.checksums(database)

    def reset(self, settings: Mapping[str, str | int] | None = None) -> None:
        """As built, but for these settings of enrol_database. Few tables change, so few are filled again."""
        with connected(self.server, self.name) as database:
            now = snapshot.checksums(database)
            for name in set(now).difference(self._sums):
                snapshot.drop(database, name)
            for table in self._base.tables:
                if now[table.name] != self._sums[table.name]:
                    snapshot.refill(database, table)
            set_config(database, "enrol_database", settings or {})
        self._forget()

    def _forget(self) -> None:
        """Away with Moodle's caches of settings, courses and people; making the others anew costs half a second."""
        kept = self.dataroot / "cache" / "cachestore_file" / "default_application"
        for known in kept.iterdir() if kept.is_dir() else ():
            if known.name not in OF_CODE:
                shutil.rmtree(known)

    def database(self) -> contextlib.AbstractContextManager[Database]:
        """A connection to the site's database."""
        return connected(self.server, self.name)

    def cli(self, script: str, *arguments: str) -> str:
        """One of Moodle's own scripts of admin/cli."""
        return self.php(self.tree.runnable / "admin" / "cli" / script, *arguments)

    def task(self, name: str = TASK) -> str:
        """One scheduled task, run as an administrator would by hand; cron's user is the main admin."""
        said = self.cli("scheduled_task.php", f"--execute={name}")
        if "Scheduled task complete" not in said:
            raise MoodleError(said)
        return said

    def php(self, script: Path, *arguments: str, stdin: str = "") -> str:
        """Any PHP script, as this site; it finds Moodle by GREFFE_MOODLE_ROOT."""
        done = subprocess.run(
            [*PHP, str(script), *arguments], env=self.environment, input=stdin, text=True,
            capture_output=True, check=False, cwd=self.dataroot,
        )  # fmt: skip
        if done.returncode or done.stderr:
            raise MoodleError(f"{script.name} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    @contextlib.contextmanager
    def living(self) -> Iterator[Living]:
        """A Moodle that does one step after the other, for as long as the block lasts."""
        with (
            tempfile.TemporaryFile("w+") as complaints,
            subprocess.Popen(
                [*PHP, str(LIVE)], env=self.environment | {"GREFFE_MOODLE_DONE": DONE}, text=True, cwd=self.dataroot,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints,
            ) as process,
        ):  # fmt: skip
            assert process.stdin is not None
            assert process.stdout is not None
            yield Living(process.stdin, process.stdout, complaints)

    @property
    def environment(self) -> dict[str, str]:
        """What PHP needs to be this site."""
        postgresql = self.server.engine == "postgresql"
        options: dict[str, object] = {"dbpersist": 0, "dbport": self.server.port}
        if not postgresql:
            options["dbcollation"] = "utf8mb4_unicode_ci"
        config = {
            "dbtype": "pgsql" if postgresql else "mariadb",
            "dbhost": self.server.host,
            "dbname": self.name,
            "dbuser": self.server.user,
            "dbpass": self.server.password,
            "prefix": "mdl_",
            "dboptions": options,
            "wwwroot": "http://localhost",
            "dataroot": str(self.dataroot),
            "debug": 32767 if self.debugging else 0,
        }
        return os.environ | {
            "GREFFE_MOODLE": json.dumps(config),
            "GREFFE_MOODLE_ROOT": str(self.tree.runnable),
        }


Sites = Callable[[str], Site]
"""The site of a Moodle version."""


@contextlib.contextmanager
def site(tree: Tree, server: Server, name: str = "") -> Iterator[Site]:
    """A site on this server for as long as the block lasts; it is installed if it never was."""
    name = name or f"greffe_judge_{secrets.token_hex(4)}"
    with tempfile.TemporaryDirectory(prefix="greffe-moodledata-") as dataroot:
        made = Site(tree, server, name, Path(dataroot), _snapshot(tree, server, Path(dataroot)))
        try:
            made.build()
            yield made
        finally:
            drop(server, made.name)


def set_config(database: Database, plugin: str, settings: Mapping[str, str | int]) -> None:
    """Rows of config_plugins. Moodle sees them once its cache of settings is gone."""
    for name, value in settings.items():
        database.run("DELETE FROM mdl_config_plugins WHERE plugin = %s AND name = %s", plugin, name)
        database.insert("mdl_config_plugins", [{"plugin": plugin, "name": name, "value": str(value)}])


def _snapshot(tree: Tree, server: Server, dataroot: Path) -> snapshot.Snapshot:
    what = (tree.fingerprint, server.engine, *INSTALL, *((tree.installed,) if tree.plugin else ()))
    key = hashlib.sha256(" ".join(what).encode()).hexdigest()[:16]
    plugin = "-greffe" if tree.plugin else ""
    kept = cache() / "snapshots" / f"moodle-{tree.version}-{server.engine}{plugin}-{key}"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        before = _snapshot(replace(tree, plugin=False), server, dataroot) if tree.plugin else None
        # on a server of its own: thousands of statements, which a durable one would each bring to the disk
        with database_server(server.engine) as quick, fresh_database(quick) as name:
            moodle = Site(tree, quick, name, dataroot, snapshot.Snapshot([]))
            with connected(quick, name) as database:
                if before:
                    (dataroot / "temp").mkdir(exist_ok=True)
                    snapshot.restore(database, before)
                    moodle.cli("upgrade.php", "--non-interactive")
                else:
                    moodle.cli("install_database.php", *INSTALL)
                data = snapshot.take(database).pack()
        for made in dataroot.iterdir():
            shutil.rmtree(made) if made.is_dir() else made.unlink()
        written = kept.with_suffix(f".{os.getpid()}")
        written.write_bytes(data)
        written.rename(kept)
    return snapshot.Snapshot.unpack(kept.read_bytes())


def _connect_enrol_database(database: Database) -> None:
    """Switch enrol_database on, reading ``registrations`` in this very database.

    Roles are named by the row, people and courses by idnumber: the plugin's own defaults.
    """
    server = database.server
    create_table(database)
    database.run(
        "UPDATE mdl_config SET value = 'manual,guest,self,cohort,database' WHERE name = 'enrol_plugins_enabled'"
    )
    settings: dict[str, str | int] = {
        "dbtype": "mysqli" if server.engine == "mariadb" else "postgres",
        "dbhost": f"{server.host}:{server.port}",
        "dbuser": server.user,
        "dbpass": server.password,
        "dbname": database.name,
        "dbsetupsql": "SET NAMES 'utf8mb4'" if server.engine == "mariadb" else "",
        "remoteenroltable": TABLE,
        "remotecoursefield": "course",
        "remoteuserfield": "person",
        "remoterolefield": "role",
    }
    set_config(database, "enrol_database", settings)
