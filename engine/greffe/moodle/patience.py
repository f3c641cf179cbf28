"""Trying again what a database could not do just now: a transaction as a whole, or a statement that is one by itself."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from greffe.errors import DeadlockError, ServerAwayError, TransientDatabaseError

T = TypeVar("T")

#: how long a node that has left its cluster is waited for, in seconds
AWAY = 60.0
#: a wait for a lock takes seconds by itself
_TRIES = 10
#: a conflict is known at once, and where other nodes of a cluster write to the same rows all the time one loses often
_TRIES_IN_CONFLICT = 30


def persist(
    work: Callable[[], T],
    *,
    away: float,
    errors: tuple[type[TransientDatabaseError], ...] = (TransientDatabaseError,),
    again: Callable[[], None] = lambda: None,
) -> T:
    """Do ``work``, and all of it again after one of ``errors``: ten times, thirty after conflicts (about a minute), or ``away``
    seconds where the server is away.

    ``again`` is called before each further try. Raises the last error where that was not enough.
    """
    tries, until = 0, 0.0
    while True:
        try:
            return work()
        except errors as e:
            if isinstance(e, ServerAwayError):
                until = until or time.monotonic() + away
                if time.monotonic() >= until:
                    raise
                pause = 0.5
            else:
                tries, until = tries + 1, 0.0
                if tries >= (_TRIES_IN_CONFLICT if isinstance(e, DeadlockError) else _TRIES):
                    raise
                pause = min(2.0, 0.05 * 2**tries)
            time.sleep(pause * (0.5 + random.random()))  # noqa: S311 - spreads the tries of several writers
        again()
