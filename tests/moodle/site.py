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
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.lab.ladder import database_server
from tests.lab.server import Server
from tests.lab.site import database as fresh_database
from tests.moodle import snapshot
from tests.moodle.database import Database, connected, create, drop
from tests.moodle.tree import Tree, cache

PHP = ("php", "-d", "max_input_vars=5000", "-d", "display_errors=stderr")
INSTALL = (
    "--agree-license", "--lang=en", "--fullname=Judge", "--shortname=judge", "--adminuser=admin",
    "--adminpass=Judge-1234", "--adminemail=admin@example.org",
)  # fmt: skip
TASK = "\\enrol_database\\task\\sync_enrolments"
TABLE = "registrations"
"""The external table that enrol_database reads; without Moodle's prefix, in the same database."""


class MoodleError(AssertionError):
    """Moodle's PHP ended badly; its output says why."""


class Site:
    """One Moodle on one server."""

    def __init__(
        self, tree: Tree, server: Server, name: str, dataroot: Path, base: snapshot.Snapshot
    ) -> None:
        self.tree, self.server, self.name, self.dataroot = tree, server, name, dataroot
        self.debugging = True
        """Moodle's developer mode: its own complaints fail a test. Off where time is measured."""
        self._base = base
        self._template = f"{name}_template"
        self._sums: dict[str, str] = {}

    @property
    def label(self) -> str:
        """Version and engine, as golden files name them."""
        return f"{self.tree.version}-{self.server.engine}"

    def build(self) -> None:
        """Make the site from its snapshot, with the settings that name this server."""
        create(self.server, self.name)
        with connected(self.server, self.name) as database:
            snapshot.restore(database, self._base)
            _connect_enrol_database(database)
            if self.server.engine == "mariadb":
                self._base = snapshot.take(database)
                self._sums = snapshot.checksums(database)
        if self.server.engine == "postgresql":
            create(self.server, self._template, template=self.name)

    def reset(self, settings: Mapping[str, str | int] | None = None) -> None:
        """As built, but for these settings of enrol_database."""
        if self.server.engine == "postgresql":
            create(self.server, self.name, template=self._template)
        with connected(self.server, self.name) as database:
            if self.server.engine == "mariadb":
                now = snapshot.checksums(database)
                for name in set(now).difference(self._sums):
                    database.run(f"DROP TABLE `{name}`")
                for table in self._base.tables:
                    if now[table.name] != self._sums[table.name]:
                        database.run(f"TRUNCATE TABLE `{table.name}`")
                        snapshot.fill(database, table)
            set_config(database, "enrol_database", settings or {})
        # settings, courses and people are cached there; what is derived from the code alone lies elsewhere
        shutil.rmtree(self.dataroot / "cache" / "cachestore_file", ignore_errors=True)

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
            drop(server, made._template)


def set_config(database: Database, plugin: str, settings: Mapping[str, str | int]) -> None:
    """Rows of config_plugins. Moodle sees them once its cache of settings is gone."""
    for name, value in settings.items():
        database.run("DELETE FROM mdl_config_plugins WHERE plugin = %s AND name = %s", plugin, name)
        database.insert("mdl_config_plugins", [{"plugin": plugin, "name": name, "value": str(value)}])


def _snapshot(tree: Tree, server: Server, dataroot: Path) -> snapshot.Snapshot:
    key = hashlib.sha256(" ".join((tree.fingerprint, server.engine, *INSTALL)).encode()).hexdigest()[:16]
    kept = cache() / "snapshots" / f"moodle-{tree.version}-{server.engine}-{key}"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        # on a server of its own: thousands of statements, which a durable one would each bring to the disk
        with database_server(server.engine) as quick, fresh_database(quick) as name:
            Site(tree, quick, name, dataroot, snapshot.Snapshot([])).cli("install_database.php", *INSTALL)
            with connected(quick, name) as database:
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
    database.run(
        f"CREATE TABLE {TABLE} (course varchar(100) NOT NULL, person varchar(255) NOT NULL,"
        " role varchar(100) NOT NULL)"
    )
    database.run(f"CREATE INDEX {TABLE}_course ON {TABLE} (course)")
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
