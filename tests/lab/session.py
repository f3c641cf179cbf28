"""The servers of one test run: each started when it is first needed, all stopped at the end."""

from __future__ import annotations

from contextlib import ExitStack

from .ladder import database_server
from .server import LABEL, Engine, Server, Unavailable


class Lab:
    """At most one server of each engine, and what there is to say about them."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._servers: dict[Engine, Server | Unavailable] = {}
        self._words: dict[Engine, str] = {}

    def server(self, engine: Engine) -> Server:
        """The run's server of that engine; the same Unavailable each time if there is none."""
        if engine not in self._servers:
            try:
                server = self._stack.enter_context(database_server(engine))
                self._servers[engine], self._words[engine] = server, str(server)
            except Unavailable as reason:
                self._servers[engine], self._words[engine] = reason, str(reason)
        found = self._servers[engine]
        if isinstance(found, Unavailable):
            raise found
        return found

    def describe(self, engine: Engine) -> str:
        """Version and provider of a server that was asked for, or why there is none."""
        return self._words.get(engine, f"{LABEL[engine]} was not needed")

    def in_use(self) -> list[str]:
        """Version and provider of each server that was started."""
        return [self._words[engine] for engine, server in self._servers.items() if isinstance(server, Server)]

    def close(self) -> None:
        """Stop what was started."""
        self._stack.close()
