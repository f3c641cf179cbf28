"""A statement that is interrupted at any moment, as by Ctrl-C: no later one gets its answer."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

from greffe.errors import DatabaseError
from greffe.moodle.database import Settings, connect

TRIES = 400
LATEST = 600e-6
"""Seconds; a statement takes less, so that every moment of it is met."""


@contextmanager
def interrupted() -> Iterator[None]:
    """KeyboardInterrupt at some moment of the block, or none where it is over before."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-6, LATEST))
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        signal.signal(signal.SIGALRM, before)


# an interrupt that meets a destructor is dropped by Python itself, with a warning
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_answer_of_an_interrupted_statement_is_nobody_elses(settings: Settings) -> None:
    db, met = connect(settings), 0
    try:
        for number in range(TRIES):
            try:
                with interrupted():
                    assert db.run_text(f"SELECT {2 * number}") == [(2 * number,)]
            except KeyboardInterrupt:
                met += 1
            try:
                assert db.run_text(f"SELECT {2 * number + 1}") == [(2 * number + 1,)]
            except DatabaseError:  # the connection is given up
                db.close()
                db = connect(settings)
    finally:
        db.close()
    assert met > TRIES // 10
