"""A server that somebody else runs: TEST_MARIADB_DSN, TEST_POSTGRESQL_DSN (``postgresql://user:secret@host:port``)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, unquote, urlsplit

from .server import Engine, Server, Unavailable

_PORT: dict[Engine, int] = {"mariadb": 3306, "postgresql": 5432}


@contextmanager
def serve(engine: Engine, durable: bool) -> Iterator[Server]:
    """The server of the environment, as it is."""
    variable = f"TEST_{engine.upper()}_DSN"
    address = os.environ.get(variable)
    if not address:
        raise Unavailable(f"{variable} is not set")
    yield from_url(engine, address, f"dsn ({variable})")


def from_url(engine: Engine, address: str, provider: str) -> Server:
    """A server from a URL; ``?host=/directory`` names a socket, as libpq has it."""
    url = urlsplit(address)
    sockets = parse_qs(url.query).get("host", [])
    return Server(
        engine,
        sockets[0] if sockets else url.hostname or "127.0.0.1",
        url.port or _PORT[engine],
        unquote(url.username or ""),
        unquote(url.password or ""),
        provider,
    )
