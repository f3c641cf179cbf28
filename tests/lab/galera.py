"""A Galera cluster of three nodes: installed servers on ports of 127.0.0.1, each a process that can be killed or cut off.

Processes rather than containers: the nodes need no network of their own to lose each other (``gmcast.isolate``), and a
process that is killed is gone at once, its port with it. Debian's mariadb-server brings all of it (galera-4, rsync).
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pymysql

from .binary import Person, find, free_port, run
from .server import Server, Unavailable

_PROVIDERS = ("/usr/lib/galera/libgalera_smm.so", "/usr/lib64/galera-4/libgalera_smm.so")
_NODES = 3
#: short enough for tests, long enough for a machine with other work
_SUSPECT = "evs.keepalive_period=PT0.5S;evs.inactive_check_period=PT0.3S;evs.suspect_timeout=PT2S;evs.inactive_timeout=PT4S"
#: a node joins within seconds, but not on a machine that is busy with something else
_PATIENCE = 150.0


@dataclass(slots=True)
class Node:
    """One server of the cluster."""

    server: Server
    directory: Path
    person: Person
    argv: list[str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def name(self) -> str:
        """What the cluster calls it."""
        return self.directory.name

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self.process is not None and self.process.poll() is None

    def start(self, *more: str) -> None:
        """Start it, and return once it is synced with its cluster."""
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*self.argv, *more], stdout=log, stderr=subprocess.STDOUT, cwd="/", **self.person
            )
        try:
            self.wait()
        except RuntimeError as error:
            text = (self.directory / "log").read_text(errors="replace")
            raise RuntimeError(f"{error}:\n{text[-3000:]}") from error

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it; in order where it lets itself be ended within seconds."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def isolate(self, on: bool = True) -> None:
        """Cut it off from the other nodes, or let it come back; its clients stay connected."""
        self.run(f"SET GLOBAL wsrep_provider_options = 'gmcast.isolate={int(on)}'")

    def run(self, sql: str) -> list[tuple[str, ...]]:
        """Run one statement; the rows as text."""
        connection = self.server.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return [tuple(map(str, row)) for row in cursor.fetchall()]
        finally:
            connection.close()

    def status(self) -> dict[str, str]:
        """The node's own word: cluster_status, cluster_size, local_state_comment, …; empty where it does not answer."""
        try:
            rows = self.run("SHOW GLOBAL STATUS LIKE 'wsrep\\_%'")
        except (pymysql.Error, OSError):
            return {}
        return {name.removeprefix("wsrep_"): value for name, value in rows}

    def wait(self, status: str = "Primary") -> None:
        """Return once it is in a component of that kind (and synced, in a primary one)."""
        until = time.monotonic() + _PATIENCE
        while True:
            found = self.status()
            if found.get("cluster_status") == status and (
                status != "Primary"
                or (found.get("local_state_comment"), found.get("ready")) == ("Synced", "ON")
            ):
                return
            if not self.alive:
                raise RuntimeError(f"{self.name} ended before it was {status}")
            if time.monotonic() > until:
                raise RuntimeError(f"{self.name} was not {status} in {_PATIENCE:.0f} s: {found}")
            time.sleep(0.05)


@dataclass(slots=True)
class Cluster:
    """Its nodes, in the order in which they were started."""

    nodes: list[Node] = field(default_factory=list)

    def heal(self) -> None:
        """Bring every node back, so that the next test finds a whole cluster."""
        for node in self.nodes:
            if node.alive:
                node.isolate(False)
        for node in self.nodes:
            if not node.alive:
                node.start()
        until = time.monotonic() + _PATIENCE
        while not self.whole():
            if time.monotonic() > until:
                raise RuntimeError(f"the cluster does not heal: {[n.status() for n in self.nodes]}")
            time.sleep(0.05)

    def whole(self) -> bool:
        """Whether every node sees all of them, and is synced."""
        want = (str(len(self.nodes)), "Primary", "Synced")
        return all(
            (s.get("cluster_size"), s.get("cluster_status"), s.get("local_state_comment")) == want
            for s in (n.status() for n in self.nodes)
        )

    def __str__(self) -> str:
        server = self.nodes[0].server
        return f"Galera cluster of {len(self.nodes)}, MariaDB {server.version()} from {server.provider}"


@contextmanager
def galera_cluster() -> Iterator[Cluster]:
    """A cluster for as long as the block runs; Unavailable where MariaDB or Galera's library is not installed."""
    mariadbd, install = find("mariadbd"), find("mariadb-install-db")
    find("rsync")
    provider = next((p for p in _PROVIDERS if Path(p).exists()), None)
    if provider is None:
        raise Unavailable("Galera's library is not installed (package galera-4)")
    person = Person()
    with tempfile.TemporaryDirectory(prefix="greffe-galera-") as place:
        if (
            os.geteuid() == 0
        ):  # rsync's server, which hands a new node its data, gives root up and could not read them
            person = Person(user="nobody", group="nogroup", extra_groups=[])
            shutil.chown(place, "nobody", "nogroup")
        cluster = Cluster(_nodes(Path(place), mariadbd, provider, person))
        first, *others = cluster.nodes
        data = f"--datadir={first.directory}/data"
        run(
            [install, "--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db"],
            person,
        )
        try:
            first.start("--wsrep-new-cluster", f"--init-file={_setup(first)}")
            for node in others:
                node.start()
            yield cluster
        finally:
            for node in reversed(cluster.nodes):
                node.stop()


def _nodes(place: Path, mariadbd: str, provider: str, person: Person) -> list[Node]:
    password = secrets.token_hex(8)
    ports = [[free_port() for _ in range(4)] for _ in range(_NODES)]
    members = ",".join(f"127.0.0.1:{group}" for _, group, _, _ in ports)
    nodes = []
    for number, (port, group, ist, sst) in enumerate(ports, 1):
        directory = place / f"node{number}"
        (directory / "data").mkdir(parents=True)
        if person:
            for made in (directory, directory / "data"):
                shutil.chown(made, person["user"], person["group"])
        options = (
            f"gmcast.listen_addr=tcp://127.0.0.1:{group};ist.recv_addr=127.0.0.1:{ist};ist.recv_bind=127.0.0.1:{ist};"
            f"{_SUSPECT};gcache.size=16M"
        )
        argv = [
            mariadbd, "--no-defaults", f"--datadir={directory}/data", f"--socket={directory}/socket",
            f"--pid-file={directory}/pid", f"--port={port}", "--bind-address=127.0.0.1", "--skip-name-resolve",
            "--character-set-server=utf8mb4", "--collation-server=utf8mb4_unicode_ci",
            "--innodb-flush-log-at-trx-commit=0", "--skip-innodb-doublewrite", "--innodb-buffer-pool-size=64M",
            "--innodb-log-file-size=16M", "--binlog-format=ROW", "--innodb-autoinc-lock-mode=2",
            "--wsrep-on=ON", f"--wsrep-provider={provider}", f"--wsrep-provider-options={options}",
            f"--wsrep-cluster-name={place.name}", f"--wsrep-cluster-address=gcomm://{members}",
            f"--wsrep-node-name=node{number}", f"--wsrep-node-address=127.0.0.1:{group}",
            "--wsrep-sst-method=rsync", f"--wsrep-sst-receive-address=127.0.0.1:{sst}",
        ]  # fmt: skip
        server = Server("mariadb", "127.0.0.1", port, "root", password, f"binary ({mariadbd})")
        nodes.append(Node(server, directory, person, argv))
    return nodes


def _setup(node: Node) -> Path:
    """The accounts, for the first node; the others get them with its data."""
    file = node.directory / "setup.sql"
    account = f"root@{{}} IDENTIFIED BY '{node.server.password}'"
    file.write_text(
        "".join(
            f"CREATE OR REPLACE USER {account.format(host)};\nGRANT ALL ON *.* TO root@{host} WITH GRANT OPTION;\n"
            for host in ("localhost", "'127.0.0.1'")
        )
    )
    file.chmod(0o644)  # its directory is closed to everybody else
    return file
