"""Many rows into Moodle's tables, fast: COPY on PostgreSQL, multi-row INSERT on MariaDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from .columns import Engine
from .ddl import quoting

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Rows:
    """A DB-API connection (psycopg or PyMySQL) to a database with Moodle's tables. It never commits."""

    connection: Any
    engine: Engine
    prefix: str = "mdl_"

    def name(self, table: str) -> str:
        """The table's full, quoted name."""
        return quoting(self.engine)(self.prefix + table)

    def query(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Run one statement with its parameters and fetch what it returns."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return [tuple(row) for row in cursor.fetchall()] if cursor.description else []

    def insert(self, table: str, rows: Sequence[Row]) -> range:
        """Insert rows that all have the first row's columns; gives back their ids.

        Rows without ``id`` are numbered on from the highest one. That is only right while nobody else writes the
        table: this fills sample and test databases, never a live one.
        """
        if not rows:
            return range(0)
        columns = tuple(rows[0])
        if any(row.keys() != rows[0].keys() for row in rows):
            raise ValueError(f"the rows for {table} differ in their columns")
        values = [tuple(row[c] for c in columns) for row in rows]
        if "id" not in columns:
            first = self.query(f"SELECT COALESCE(MAX(id), 0) + 1 FROM {self.name(table)}")[0][0]
            columns = ("id", *columns)
            values = [(first + n, *row) for n, row in enumerate(values)]
        self._write(table, columns, values)
        at = columns.index("id")
        return range(int(str(values[0][at])), int(str(values[-1][at])) + 1)

    def _write(self, table: str, columns: tuple[str, ...], values: list[tuple[object, ...]]) -> None:
        name, quote = self.name(table), quoting(self.engine)
        listed = ", ".join(map(quote, columns))
        with self.connection.cursor() as cursor:
            if isinstance(cursor, psycopg.Cursor):
                with cursor.copy(f"COPY {name} ({listed}) FROM STDIN".encode()) as copy:
                    for row in values:
                        copy.write_row(row)
                # The sequence does not notice ids that came with the rows.
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence(%s, 'id'), MAX(id)) FROM {name}".encode(), (name,)
                )
            else:
                marks = ", ".join(["%s"] * len(columns))
                cursor.executemany(f"INSERT INTO {name} ({listed}) VALUES ({marks})", values)
