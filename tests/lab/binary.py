"""Server binaries that are installed on this machine, run in a directory of their own."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypedDict

from .server import Engine, Server, Unavailable


@contextmanager
def serve(engine: Engine, durable: bool) -> Iterator[Server]:
    """A server on a free port of 127.0.0.1."""
    with (
        tempfile.TemporaryDirectory(prefix="greffe-test-") as directory,
        own(engine, directory, "live" if durable else "fast") as made,
    ):
        yield made.server


Kind = Literal["fast", "plain", "live"]
"""What a server is for: tests that lose nothing with it; faults, since a commit reaches the disk; the bench, with the
memory and the log of a small site's server (what comes with the packages is for a machine with half a gigabyte)."""

_MARIADB: dict[Kind, list[str]] = {
    "fast": ["--innodb-flush-log-at-trx-commit=0", "--skip-innodb-doublewrite"],
    "plain": [],
    "live": ["--innodb-buffer-pool-size=1G", "--innodb-log-file-size=512M"],
}
_POSTGRESQL: dict[Kind, dict[str, str]] = {
    "fast": {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"},
    "plain": {},
    "live": {"shared_buffers": "512MB", "max_wal_size": "2GB"},
}


@contextmanager
def own(engine: Engine, directory: str, kind: Kind) -> Iterator[Process]:
    """A server with its data in that directory, which the caller may kill and start again."""
    process = (_mariadb if engine == "mariadb" else _postgresql)(Path(directory), kind)
    process.start()
    try:
        yield process
    finally:
        process.stop()


def _mariadb(directory: Path, kind: Kind) -> Process:
    mariadbd, install = find("mariadbd"), find("mariadb-install-db")
    server = Server("mariadb", "127.0.0.1", free_port(), "root", secrets.token_hex(8), f"binary ({mariadbd})")
    base = ["--no-defaults", f"--datadir={directory}/data", *(["--user=root"] if os.geteuid() == 0 else [])]
    run([install, *base, "--auth-root-authentication-method=normal", "--skip-test-db"])
    setup = directory / "setup.sql"
    setup.write_text(
        f"CREATE OR REPLACE USER root@localhost IDENTIFIED BY '{server.password}';\n"
        f"CREATE OR REPLACE USER root@'127.0.0.1' IDENTIFIED BY '{server.password}';\n"
        "GRANT ALL ON *.* TO root@localhost WITH GRANT OPTION;\n"
        "GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;\n"
    )
    options = [
        f"--socket={directory}/socket",
        f"--tmpdir={directory}",  # a server that starts deletes what it takes for temporary tables left over: its own alone
        f"--pid-file={directory}/pid",
        f"--port={server.port}",
        "--bind-address=127.0.0.1",
        "--skip-name-resolve",
        "--character-set-server=utf8mb4",
        "--collation-server=utf8mb4_unicode_ci",
        f"--init-file={setup}",
        *_MARIADB[kind],
    ]
    return Process([mariadbd, *base, *options], server, directory / "log")


def _postgresql(directory: Path, kind: Kind) -> Process:
    postgres, initdb = find("postgres"), find("initdb")
    server = Server(
        "postgresql", "127.0.0.1", free_port(), "postgres", secrets.token_hex(8), f"binary ({postgres})"
    )
    person = Person()
    if os.geteuid() == 0:  # PostgreSQL's server refuses to run as root
        person = Person(user="nobody", group="nogroup", extra_groups=[])
        shutil.chown(directory, "nobody", "nogroup")
    password = directory / "password"
    password.write_text(server.password)
    password.chmod(0o644)  # the directory is closed to everybody else
    account = ["-U", "postgres", f"--pwfile={password}", "-A", "scram-sha-256"]
    run([initdb, "-D", f"{directory}/data", *account, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"], person)
    settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
    settings |= _POSTGRESQL[kind]
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    argv = [postgres, "-D", f"{directory}/data", "-p", str(server.port), *options]
    return Process(argv, server, directory / "log", person)


class Process:
    """A server that this process started."""

    def __init__(self, argv: list[str], server: Server, log: Path, person: Person | None = None) -> None:
        self.server = server
        self._argv, self._log, self._person = argv, log, person or {}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, or start again on the same data; returns once the server answers."""
        with self._log.open("ab") as output:
            process = subprocess.Popen(
                self._argv, stdout=output, stderr=subprocess.STDOUT, cwd="/", **self._person
            )
        self._process = process
        try:
            self.server.wait(lambda: process.poll() is None)
        except RuntimeError as error:
            self.stop()
            raise RuntimeError(f"{error}:\n{self.log()[-2000:]}") from error

    def runs(self) -> bool:
        """Whether it has not ended by itself."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """As a power cut would: nothing is tidied up."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """In good order, whoever is connected."""
        if self._process is None:
            return
        # PostgreSQL would wait for its clients on SIGTERM.
        self._process.send_signal(signal.SIGINT if self.server.engine == "postgresql" else signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()

    def log(self) -> str:
        """What the server said so far."""
        return self._log.read_text(errors="replace")


class Person(TypedDict, total=False):
    """Whom a process runs as, in subprocess's words."""

    user: str
    group: str
    extra_groups: list[str]


def find(name: str) -> str:
    """The newest such binary, also where Debian keeps servers off PATH."""
    postgresql = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name), reverse=True
    )
    places = [os.environ.get("PATH", ""), "/usr/sbin", *map(str, postgresql)]
    found = shutil.which(name, path=os.pathsep.join(places))
    if not found:
        raise Unavailable(f"{name} is not installed")
    return found


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def run(argv: list[str], person: Person | None = None) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, cwd="/", check=False, **(person or {}))
    if done.returncode:
        raise RuntimeError(f"{argv[0]} failed:\n{done.stdout[-1000:]}\n{done.stderr[-1000:]}")
