"""A whole database as bytes, and back, by SQL alone.

A test server may be a container, a binary or a wheel, of another version than the dump clients of this machine, if
there are any at all. A Moodle database is plain enough (tables, indexes, sequences) for the server's own catalogue
to say how to make it again.
"""

from __future__ import annotations

import gzip
from typing import Any

import msgspec
from psycopg import sql

from tests.moodle.database import Database


class Table(msgspec.Struct):
    """A table: how it is made, and its rows."""

    name: str
    made_by: list[str]
    columns: list[str]
    rows: list[list[Any]]
    copy: bytes
    """PostgreSQL's rows in the text form of COPY."""


class Snapshot(msgspec.Struct):
    """All tables of a database."""

    tables: list[Table]

    def pack(self) -> bytes:
        """The bytes to keep."""
        return gzip.compress(msgspec.msgpack.encode(self), mtime=0)

    @classmethod
    def unpack(cls, data: bytes) -> Snapshot:
        """What ``pack`` made."""
        return msgspec.msgpack.decode(gzip.decompress(data), type=cls)


def take(database: Database) -> Snapshot:
    """The database as it is now; nobody may be writing to it."""
    read = _mariadb_table if database.server.engine == "mariadb" else _postgresql_table
    return Snapshot([read(database, name) for name in names(database)])


def names(database: Database) -> list[str]:
    """All tables of the database."""
    schema = "database()" if database.server.engine == "mariadb" else "'public'"
    rows = database.query(
        f"SELECT table_name FROM information_schema.tables WHERE table_schema = {schema} ORDER BY table_name"
    )
    return [name for (name,) in rows]


def restore(database: Database, snapshot: Snapshot) -> None:
    """Fill an empty database."""
    for table in snapshot.tables:
        for statement in table.made_by:
            database.run(statement)
    for table in snapshot.tables:
        fill(database, table)


def fill(database: Database, table: Table) -> None:
    """The rows of one empty table."""
    if table.rows:
        columns = ", ".join(f"`{column}`" for column in table.columns)
        marks = ", ".join(["%s"] * len(table.columns))
        database.many(f"INSERT INTO `{table.name}` ({columns}) VALUES ({marks})", table.rows)
    if table.copy:
        into = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table.name))
        with database.raw.cursor() as cursor, cursor.copy(into) as copy:
            copy.write(table.copy)


def refill(database: Database, table: Table) -> None:
    """The rows of a table that has others now."""
    database.run(f"TRUNCATE TABLE {_quoted(database, table.name)}")
    fill(database, table)
    for statement in table.made_by:
        if statement.startswith("SELECT setval"):  # where its ids go on
            database.run(statement)


def drop(database: Database, name: str) -> None:
    """Away with a table."""
    database.run(f"DROP TABLE {_quoted(database, name)}")


def _quoted(database: Database, name: str) -> str:
    return f"`{name}`" if database.server.engine == "mariadb" else f'"{name}"'


def checksums(database: Database) -> dict[str, str]:
    """A sum over the content of each table; equal sums, equal rows."""
    found = names(database)
    if database.server.engine == "mariadb":
        rows = database.query("CHECKSUM TABLE " + ", ".join(f"`{name}`" for name in found))
        return {name.rsplit(".", 1)[1]: str(value) for name, value in rows}
    each = [
        f"SELECT '{name}', COALESCE(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '') FROM \"{name}\" t"
        for name in found
    ]
    return dict(database.query(" UNION ALL ".join(each)))


def _mariadb_table(database: Database, name: str) -> Table:
    ((_, made_by),) = database.query(f"SHOW CREATE TABLE `{name}`")
    with database.raw.cursor() as cursor:
        cursor.execute(f"SELECT * FROM `{name}`")
        columns = [column[0] for column in cursor.description]
        rows = [list(row) for row in cursor.fetchall()]
    return Table(name, [made_by], columns, rows, b"")


def _postgresql_table(database: Database, name: str) -> Table:
    columns = database.query(
        """SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                  pg_get_expr(d.adbin, d.adrelid), pg_get_serial_sequence(a.attrelid::regclass::text, a.attname)
             FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum""",
        name,
    )
    before, parts, after = [], [], []
    for column, kind, required, default, sequence in columns:
        parts.append(
            f'"{column}" {kind}{f" DEFAULT {default}" if default else ""}{" NOT NULL" if required else ""}'
        )
        if sequence:
            ((last, called),) = database.query(f"SELECT last_value, is_called FROM {sequence}")
            before.append(f"CREATE SEQUENCE {sequence}")
            after.append(f'ALTER SEQUENCE {sequence} OWNED BY "{name}"."{column}"')
            after.append(f"SELECT setval('{sequence}', {last}, {str(called).lower()})")
    keys = database.query(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype IN ('p', 'u')",
        name,
    )
    after += [f'ALTER TABLE "{name}" ADD CONSTRAINT "{key}" {words}' for key, words in keys]
    indexes = database.query(
        """SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass
            AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)""",
        name,
    )
    after += [words for (words,) in indexes]
    out = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(name))
    with database.raw.cursor() as cursor, cursor.copy(out) as copy:
        data = b"".join(bytes(block) for block in copy)
    made_by = [*before, f'CREATE TABLE "{name}" ({", ".join(parts)})', *after]
    return Table(name, made_by, [column[0] for column in columns], [], data)
