"""An end to waiting, where a driver knows none.

Both the Oracle driver and OpenLDAP's library limit how long a network may take to connect, but neither how long a peer may
then keep silent: one that has died behind its open port would hold a night for ever.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def in_time(work: Callable[[], T], seconds: float, name: str) -> T:
    """What ``work`` gives or raises; TimeoutError after so many seconds, while its thread, called ``name``, is left behind.

    Whoever gives up must touch nothing that the work holds.
    """
    found: list[T] = []
    wrong: list[Exception] = []

    def run() -> None:
        try:
            found.append(work())
        except Exception as e:
            wrong.append(e)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    thread.join(seconds)
    if wrong:
        raise wrong[0]
    if not found:
        raise TimeoutError(f"no session was opened in {seconds:g} seconds")
    return found[0]
