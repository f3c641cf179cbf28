"""The ladder: the first provider that can serve a database server here.

A DSN in the environment, a Docker engine, server binaries on this machine, the PostgreSQL wheel.
``TEST_DB_PROVIDER=dsn|docker|binary|wheel`` pins one. With ``durable=True`` a commit reaches the disk, as in
production: what the bench needs and the tests do not.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager

from . import binary, container, dsn, wheel
from .server import LABEL, Engine, Server, Unavailable

Serve = Callable[[Engine, bool], AbstractContextManager[Server]]
"""Starts a server of that engine (durable or not), stops it at the end; raises Unavailable if it cannot."""

PROVIDERS: Mapping[str, Serve] = {
    "dsn": dsn.serve,
    "docker": container.serve,
    "binary": binary.serve,
    "wheel": wheel.serve,
}


@contextmanager
def database_server(
    engine: Engine, *, durable: bool = False, providers: Mapping[str, Serve] = PROVIDERS
) -> Iterator[Server]:
    """A server for as long as the block runs; Unavailable, with every provider's reason, if there is none."""
    pinned = os.environ.get("TEST_DB_PROVIDER")
    if pinned and pinned not in providers:
        raise Unavailable(f"TEST_DB_PROVIDER={pinned} is none of {', '.join(providers)}")
    reasons = []
    for name, serve in providers.items():
        if pinned and name != pinned:
            continue
        stack = ExitStack()
        try:
            server = stack.enter_context(serve(engine, durable))
        except Unavailable as reason:
            reasons.append(f"{name}: {reason}")
            continue
        with stack:
            yield server
        return
    raise Unavailable(f"no {LABEL[engine]} server for the tests; " + "; ".join(reasons))
