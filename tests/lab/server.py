"""A running database server, whoever started it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import psycopg
import pymysql

Engine = Literal["mariadb", "postgresql"]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
LABEL: dict[Engine, str] = {"mariadb": "MariaDB", "postgresql": "PostgreSQL"}


class Unavailable(Exception):  # noqa: N818 - it is a fact about this machine, not a failure
    """This provider cannot serve here; the message says why."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where to connect, as a user who may create databases. ``host`` may be the directory of a socket (PostgreSQL)."""

    engine: Engine
    host: str
    port: int
    user: str
    password: str
    provider: str

    def connect(self, dbname: str | None = None, *, autocommit: bool = True) -> Any:
        """A new DB-API connection (PyMySQL or psycopg), to no database in particular unless one is named."""
        if self.engine == "mariadb":
            return pymysql.connect(
                host=self.host,
                port=self.port,
                user=self.user,
                password=self.password,
                database=dbname,
                charset="utf8mb4",
                autocommit=autocommit,
                ssl_disabled=self.host
                in LOOPBACK,  # else PyMySQL reads the machine's authorities for every connection
            )
        return psycopg.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password,
            dbname=dbname or "postgres",
            autocommit=autocommit,
        )

    def version(self) -> str:
        """The server's own word for its version, such as ``10.11.14``."""
        ask = "SELECT VERSION()" if self.engine == "mariadb" else "SHOW server_version"
        connection = self.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute(ask)
                return str(cursor.fetchone()[0]).split("-", 1)[0].split(" ", 1)[0]
        finally:
            connection.close()

    def wait(self, alive: Callable[[], bool], seconds: float = 60) -> None:
        """Return once the server answers; RuntimeError if it ends before that, or takes too long."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.connect().close()
            except (pymysql.Error, psycopg.Error, OSError) as error:
                if not alive():
                    raise RuntimeError(f"{self.provider} ended before it answered") from error
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{self.provider} did not answer in {seconds:.0f} s") from error
                time.sleep(0.05)
            else:
                return

    def __str__(self) -> str:
        return f"{LABEL[self.engine]} {self.version()} from {self.provider}"
