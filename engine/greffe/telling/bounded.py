"""What is done for others must not hold a night up: it gets so many seconds, and no more."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

from greffe.errors import GreffeError, TellingError

BOUND = 60
"""Seconds that one mail or webhook may take in all, tries and pauses included."""


def bounded(what: str, work: Callable[[], None], seconds: float = BOUND) -> None:
    """Do it, or leave it behind. Raises what it raises, and TellingError where it takes too long."""
    raised: list[Exception] = []

    def run() -> None:
        try:
            work()
        except Exception as e:  # told by who waits
            raised.append(e)

    # a daemon: whoever ends the process does not wait for a server that never answers
    thread = Thread(target=run, name=what, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TellingError(f"{what} was not sent within {seconds:g} seconds, and was given up")
    for error in raised:
        if isinstance(error, GreffeError):
            raise error
        raise TellingError(f"{what} was not sent: {type(error).__name__}: {error}") from error
