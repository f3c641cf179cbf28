"""A night in a process of its own, which can be killed at any moment.

A server that has everything imported forks each night, so that one costs a few milliseconds before it starts to work.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import Any, Literal

from greffe.commands.nightly import nightly
from greffe.config import parse
from greffe.errors import GreffeError
from greffe.moodle.mariadb import MariaDB
from greffe.moodle.postgresql import PostgreSQL
from tests.integration.nights import Nights
from tests.lab.toml import PASSWORD

PATIENCE = 60
"""Seconds that a night may take before a test calls it lost."""

WRITING = "Writing"
"""The step in which a night writes the rows of its plan."""


@dataclass(frozen=True)
class Fault:
    """What is to happen just before a statement of the writing night."""

    kind: Literal["kill", "cut"]
    """The process is killed; the connection that is about to send it is cut."""
    statement: int
    """Counted from the first of the writes."""


_fork = multiprocessing.get_context("forkserver")
_fork.set_forkserver_preload([
    "pytest", "tests.faults.child", "greffe.feed.csvfile",
])  # fmt: skip


class Watcher:
    """Tells the test when the night begins a new step."""

    def __init__(self, told: Connection, fault: Fault | None) -> None:
        self._told, self._fault = told, fault

    def step(self, text: str, total: int = 0) -> None:
        """Say which, and how many changes are to come."""
        if text == WRITING and self._fault:
            _arm(self._fault)
        self._told.send((text, total))

    def advance(self, done: int) -> None:
        """Say so."""
        self._told.send(("done", done))


class Night:
    """A night that runs elsewhere."""

    def __init__(self, process: ForkServerProcess, told: Connection) -> None:
        self.process, self._told = process, told
        self.size = self.done = 0
        """Changes that the night is going to make, and has told of."""
        self.word = ""
        """The error's name and message, once the night has ended with one."""

    def until(self, step: str, done: int = 0) -> bool:
        """Wait until the night begins that step and has made so many changes; False where it ended without."""
        reached, deadline = False, time.monotonic() + PATIENCE
        while (left := deadline - time.monotonic()) > 0 and self._told.poll(left):
            try:
                text, what = self._told.recv()
            except (EOFError, ConnectionError):
                return False
            if text == "error":
                self.word = str(what)
            elif text == "done":
                self.done += what
            elif text == step:
                reached, self.size = True, what
            if reached and self.done >= done:
                return True
        return False

    def runs(self) -> bool:
        """Whether it has not ended yet."""
        return self.process.is_alive()

    def kill(self) -> bool:
        """SIGKILL; whether it still met a living process."""
        self.process.kill()
        return self.wait() < 0

    @contextmanager
    def held(self) -> Iterator[None]:
        """It stands still while the block runs."""
        pid = self.process.pid or 0
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def terminate(self) -> None:
        """SIGTERM."""
        self.process.terminate()

    def wait(self) -> int:
        """The exit code; below zero for the signal that ended it."""
        self.process.join(PATIENCE)
        if self.process.exitcode is None:
            raise AssertionError("the night does not end")
        while self.until(""):
            """Read what is left, up to the error's word."""
        return self.process.exitcode


@contextmanager
def night(nights: Nights, fault: Fault | None = None) -> Iterator[Night]:
    """Start the next night in a process of its own; it is gone at the end of the block."""
    here, there = _fork.Pipe(duplex=False)
    arguments = (nights.raw(), nights.site.password, there, fault)
    process = _fork.Process(target=_work, args=arguments, daemon=True)
    process.start()
    there.close()
    try:
        yield Night(process, here)
    finally:
        process.kill()
        process.join()
        process.close()
        here.close()


def _work(raw: dict[str, Any], password: str, told: Connection, fault: Fault | None) -> None:
    os.environ[PASSWORD] = password  # the fork server was started for another database perhaps
    try:
        result = nightly(parse(raw, "test.toml"), Watcher(told, fault))
    except GreffeError as e:
        told.send(("error", f"{type(e).__name__}: {e}"))
        sys.exit(e.exit)
    sys.exit(result.exit)


def _arm(fault: Fault) -> None:
    """From now on statements are counted, and at the given one it happens."""
    numbers = itertools.count(1)
    for engine in (MariaDB, PostgreSQL):
        _count(engine, numbers, fault)


def _count(engine: type[MariaDB] | type[PostgreSQL], numbers: Iterator[int], fault: Fault) -> None:
    run = engine._run

    def counted(self: Any, text: str, params: Any) -> Any:
        if next(numbers) == fault.statement:
            if fault.kind == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            descriptor = self._c.fileno() if isinstance(self, PostgreSQL) else self._c._sock.fileno()
            with socket.socket(fileno=os.dup(descriptor)) as wire:
                wire.shutdown(socket.SHUT_RDWR)
        return run(self, text, params)

    engine._run = counted  # type: ignore[method-assign]
