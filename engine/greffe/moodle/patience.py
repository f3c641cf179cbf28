"""Trying again what a deadlock, a lock wait or a row born meanwhile ended: work that the database took back whole."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from greffe.errors import TransientDatabaseError

T = TypeVar("T")

TRIES = 10
_LONGEST_PAUSE = 2.0


def insist(
    work: Callable[[], T],
    again: Callable[[], None] = lambda: None,
    on: type[TransientDatabaseError] = TransientDatabaseError,
) -> T:
    """Do it, and do it again while the database says (``on``) that this may help; ``again`` is told each time.

    The work must be one statement outside a transaction, or one transaction from its beginning to its end. Raises
    what the last try raised.
    """
    attempt = 0
    while True:
        try:
            return work()
        except on:
            attempt += 1
            if attempt >= TRIES:
                raise
            again()
            pause = min(_LONGEST_PAUSE, 0.05 * 2**attempt)
            time.sleep(pause * (0.5 + random.random()))  # noqa: S311 - spreads retries
