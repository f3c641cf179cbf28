"""A plain connection to a test database; statements look the same on both engines."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from psycopg import sql

from greffe.demo.moodle_tables import Rows
from tests.lab.server import Server
from tests.lab.toml import PASSWORD


class Database:
    """One connection, in autocommit as Moodle's own. The prefix is always ``mdl_``."""

    def __init__(self, server: Server, name: str) -> None:
        self.server, self.name = server, name
        self.raw = server.connect(name or None)
        if server.engine == "mariadb":
            # 0 stays 0 in a column that counts by itself: a snapshot has to come back as it was
            self.run("SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO'")

    def configuration(self) -> dict[str, Any]:
        """What ``[moodle]`` says of it; the password stands in the environment."""
        server = self.server
        os.environ[PASSWORD] = server.password
        return {
            "type": "pgsql" if server.engine == "postgresql" else "mariadb",
            "port": server.port,
            "socket" if server.host.startswith("/") else "host": server.host,
            "name": self.name,
            "user": server.user,
            "password": {"env": PASSWORD},
        }

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of a statement."""
        with self.raw.cursor() as cursor:
            cursor.execute(statement, values or None)
            return list(cursor.fetchall())

    def dicts(self, statement: str, *values: object) -> list[dict[str, Any]]:
        """Rows of a statement by column name."""
        with self.raw.cursor() as cursor:
            cursor.execute(statement, values or None)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def run(self, statement: str, *values: object) -> None:
        """A statement without rows."""
        with self.raw.cursor() as cursor:
            cursor.execute(statement, values or None)

    def many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """The same statement for many rows, in one transaction."""
        with self.transaction(), self.raw.cursor() as cursor:
            cursor.executemany(statement, list(rows))

    def insert(self, table: str, rows: Sequence[dict[str, object]]) -> None:
        """Rows that share their columns."""
        if rows:
            columns = list(rows[0])
            marks = ", ".join(["%s"] * len(columns))
            self.many(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",
                [[row[column] for column in columns] for row in rows],
            )

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside, or nothing."""
        if self.server.engine == "postgresql":
            with self.raw.transaction():
                yield
            return
        self.raw.begin()
        try:
            yield
        except BaseException:
            self.raw.rollback()
            raise
        self.raw.commit()

    @contextlib.contextmanager
    def rows(self) -> Iterator[Rows]:
        """Bulk inserts into Moodle's tables, in one transaction."""
        with self.transaction():
            yield Rows(self.raw, self.server.engine)

    def close(self) -> None:
        """End the connection."""
        self.raw.close()


@contextlib.contextmanager
def connected(server: Server, name: str) -> Iterator[Database]:
    """A connection for as long as the block lasts; the name '' is for statements about databases."""
    database = Database(server, name)
    try:
        yield database
    finally:
        database.close()


def create(server: Server, name: str) -> None:
    """A new, empty database in place of any of that name."""
    drop(server, name)
    with connected(server, "") as database:
        if server.engine == "mariadb":
            database.run(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
        else:
            database.raw.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
            )


def drop(server: Server, name: str) -> None:
    """Away with the database, whoever is still connected."""
    with connected(server, "") as database:
        if server.engine == "mariadb":
            database.run(f"DROP DATABASE IF EXISTS `{name}`")
        else:
            words = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            database.raw.execute(words.format(sql.Identifier(name)))
