"""PostgreSQL: its driver, its session, its errors."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import psycopg

from greffe.errors import BusyDatabaseError, DatabaseError, DeadlockError, TransientDatabaseError
from greffe.moodle.database import BETWEEN_WORDS, Database, Row

#: serialisation failure, deadlock, lock not available, unique violation (a row born since our look); a table or its type
#: born since our look: IF NOT EXISTS does not wait for somebody who is just making it
_TRANSIENT: dict[str, type[TransientDatabaseError]] = {
    "40001": DeadlockError,
    "40P01": DeadlockError,
    "55P03": BusyDatabaseError,
    "23505": TransientDatabaseError,
    "42P07": TransientDatabaseError,
    "42710": TransientDatabaseError,
}


def translate(error: psycopg.Error) -> DatabaseError:
    """A driver's error as one of ours."""
    code = error.sqlstate or ""
    message = " ".join(str(error).split())
    kind = _TRANSIENT.get(code, DatabaseError)
    return kind(f"PostgreSQL error {code}: {message}" if code else f"PostgreSQL: {message}")


class PostgreSQL(Database):
    """PostgreSQL 13 and later."""

    engine: ClassVar[str] = "postgresql"
    membership: ClassVar[str] = "= ANY(%({})s)"
    # in the letters of MariaDB's collation, not in those of whatever this database was made with
    spelling: ClassVar[str] = (
        "btrim(regexp_replace(replace(replace(replace(translate(lower("
        r"regexp_replace(normalize({}, NFD), '[\u0300-\u036f]+', '', 'g')"
        " COLLATE \"C\"), 'øØłŁđĐðÐħĦŒÆẞ', 'oollddddhhœæß'), 'œ', 'oe'), 'æ', 'ae'), 'ß', 'ss'),"
        f" '[{BETWEEN_WORDS}]+', ' ', 'g')) COLLATE \"C\""
    )
    quote_mark: ClassVar[str] = '"'
    blind_text: ClassVar[bool] = False
    default_port: ClassVar[int] = 5432
    words: ClassVar[Mapping[str, str]] = {
        "clock": "EXTRACT(EPOCH FROM now())::bigint",
        "join": "JOIN",
        "fence": "OFFSET 0",
    }

    def _open(self) -> None:
        s = self.settings
        try:
            self._c = psycopg.connect(
                host=s.socket or s.host,
                port=s.port or self.default_port,
                user=s.user,
                password=s.password,
                dbname=s.name,
                autocommit=True,
                connect_timeout=10,
                application_name="greffe",
            )
        except psycopg.Error as e:
            raise translate(e) from None
        if s.schema:
            self.query("set_schema", schema=f'"{s.schema.replace(chr(34), chr(34) * 2)}"')
        self.query("session")

    def close(self) -> None:
        self._c.close()

    def _run(self, text: str, params: Mapping[str, Any] | None) -> tuple[list[Row], int]:
        if params:
            params = {k: list(v) if isinstance(v, array | range | tuple) else v for k, v in params.items()}
        try:
            with self._c.cursor() as cursor:
                # a list of ids is new each time, so a prepared plan would only be a wrong one
                cursor.execute(text.encode(), params, prepare=False)
                self.heads = tuple(column.name for column in cursor.description or ())
                return (cursor.fetchall() if cursor.description else []), cursor.rowcount
        except psycopg.Error as e:
            raise translate(e) from None

    def _run_rows(
        self, text: str, columns: Mapping[str, Sequence[Any]], constants: Mapping[str, Any]
    ) -> list[Row]:
        self.statements += 1
        arrays = {c: _array(values) for c, values in columns.items()}
        return self._send(text, {**arrays, **constants})[0]

    def _begin(self, snapshot: bool) -> None:
        level = "REPEATABLE READ READ ONLY" if snapshot else "READ COMMITTED"
        self._run(f"BEGIN ISOLATION LEVEL {level}", None)


def _array(values: Sequence[Any]) -> str:
    """The text of an array: millions of values pass here, of which most are numbers or the same few words."""
    if isinstance(values, array | range):
        return "{" + ",".join(map(str, values)) + "}"
    texts = {v: "NULL" if v is None else _quoted(str(v)) for v in set(values)}
    return "{" + ",".join(map(texts.__getitem__, values)) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
