"""The server itself fails in the middle of a night: killed and started again, or its disk full."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from greffe.errors import Exit
from tests.faults.campus import Campus
from tests.faults.child import WRITING, night
from tests.faults.tally import Tally
from tests.faults.trial import Trial
from tests.lab import binary
from tests.lab.disk import Disk, disk
from tests.lab.lacking import lacking
from tests.lab.server import Engine, Unavailable
from tests.lab.site import fresh_site

T = TypeVar("T")
RESTARTS, MANY = 3, 15
SIZE: dict[Engine, int] = {"mariadb": 400, "postgresql": 250}
"""Megabytes of the small disk: what a fresh server takes, and some room."""
NO_ROOM = ("is full", "No space left on device")
DIED = ("Lost connection", "server closed the connection", "locks that keep")


@pytest.fixture(
    params=[
        pytest.param("mariadb", marks=pytest.mark.mariadb),
        pytest.param("postgresql", marks=pytest.mark.postgresql),
    ]
)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each database in turn, with a server of the test's own."""
    found: Engine = request.param
    return found


@contextmanager
def _own(
    engine: Engine, directory: Path, patch: pytest.MonkeyPatch
) -> Iterator[tuple[binary.Process, Campus]]:
    """A server with its data there, and the small university on it."""
    with ExitStack() as stack:
        process = _had(lambda: stack.enter_context(binary.own(engine, str(directory), "plain")))
        site = stack.enter_context(fresh_site(process.server, ""))
        extracts = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        campus = Campus(site, extracts, patch=patch)
        with campus.opened():
            campus.settle()
        yield process, campus


def test_a_server_killed_and_started_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tally: Tally, long: bool
) -> None:
    """kill -9 of the server, as a power cut: what was committed is there, what was not is not."""
    chance, count, restarts = random.Random(11), tally.of("server killed", engine), MANY if long else RESTARTS
    with (
        tempfile.TemporaryDirectory(prefix="greffe-test-") as directory,
        _own(engine, Path(directory), monkeypatch) as (process, campus),
    ):
        with campus.opened():
            trial = Trial(campus, count)
        for n in range(restarts):
            with campus.opened():
                campus.reset()
            with night(campus) as child:
                assert child.until(WRITING)
                time.sleep((n + chance.random()) / restarts * trial.writes)
                process.kill()
                code = child.wait()
            assert code in (Exit.DATABASE, Exit.NOT_READY, Exit.DONE), child.word
            process.start()
            with campus.opened():
                count.hits["during the writes" if trial.told() < trial.size else "after the writes"] += 1
                trial.judge(f"restart {n}")


def test_the_disk_of_the_server_is_full(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tally: Tally
) -> None:
    """The night ends with the server's own word; once there is room again (and the server runs: MariaDB dies where
    it finds no room at a bad moment), the next one finishes."""
    count = tally.of("disk full", engine)
    with _had_disk(engine) as small, _own(engine, small.path, monkeypatch) as (process, campus):
        with campus.opened():
            trial = Trial(campus, count)
        for _ in range(8):  # a small night may find room enough in what its tables' files have left
            with campus.opened():
                campus.reset()
            with night(campus) as child, ExitStack() as stack:
                assert child.until(WRITING)
                with child.held():
                    stack.enter_context(small.full())
                code = child.wait()
            if code != Exit.DONE:
                break
            count.hits["room enough"] += 1
        alive = process.runs()
        assert code == Exit.DATABASE, child.word
        # MariaDB may say that there is no room and die of it a moment later
        assert any(w in child.word for w in (NO_ROOM if alive else NO_ROOM + DIED)), child.word
        count.hits["the server went on" if alive else "the server died"] += 1
        if not alive:
            process.start()
        with campus.opened():
            assert trial.told() < trial.size
            trial.judge(child.word)


@contextmanager
def _had_disk(engine: Engine) -> Iterator[Disk]:
    with ExitStack() as stack:
        yield _had(lambda: stack.enter_context(disk(SIZE[engine])))


def _had(get: Callable[[], T]) -> T:
    """What this machine can give; in CI it has to."""
    try:
        return get()
    except Unavailable as reason:
        lacking(str(reason))
