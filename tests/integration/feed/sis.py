"""A student information system's database, and how a feed asks it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from greffe.config.feeds import Feed
from greffe.config.secret import Secret
from greffe.feed.opening import open_feed
from greffe.model import Table
from tests.lab.server import Server


@dataclass(frozen=True)
class Sis:
    """A database of the lab's, and where its password is."""

    server: Server
    dbname: str
    password_file: Path

    @property
    def password(self) -> str:
        return self.password_file.read_text()

    @property
    def dsn(self) -> str:
        server, user = self.server, quote(self.server.user)
        if server.engine == "postgresql":
            return f"postgresql://{user}@/{self.dbname}?host={quote(server.host, safe='')}&port={server.port}"
        return f"mariadb://{user}@{server.host}:{server.port}/{self.dbname}"

    def ask(self, sql: str) -> Table:
        return open_feed("ip", Feed(dsn=self.dsn, password=Secret(file=str(self.password_file)), sql=sql))

    def ask_ready(self, name: str) -> Table:
        """A query that comes with Greffe."""
        return open_feed("ip", Feed(dsn=self.dsn, password=Secret(file=str(self.password_file)), query=name))

    def run(self, *statements: str, rows: Sequence[Sequence[object]] = ()) -> list[tuple[object, ...]]:
        """Run statements with every right; ``rows`` are values for the last one. What the last one gave."""
        connection = self.server.connect(self.dbname)
        try:
            with connection.cursor() as cursor:
                for statement in statements[:-1] if rows else statements:
                    cursor.execute(statement)
                if rows:
                    cursor.executemany(statements[-1], rows)
                    return []
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    def fill(self, rows: Sequence[Sequence[str]]) -> None:
        """A table ``ip`` with the columns n (from 1), c0, c1, c2."""
        self.run(
            "drop table if exists ip",
            "create table ip (n integer primary key, c0 text, c1 text, c2 text)",
            *(["insert into ip values (%s, %s, %s, %s)"] if rows else []),
            rows=[(n, *row) for n, row in enumerate(rows, 1)],
        )
