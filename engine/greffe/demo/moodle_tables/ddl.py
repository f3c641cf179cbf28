"""CREATE TABLE and CREATE INDEX for Moodle's tables, with the types Moodle's own generators choose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal

from . import belonging, learning, site
from .columns import Column, Engine, RowFormat, Table, char, integer, number

Branch = Literal[405, 501]
"""Moodle's own word for its version without the dot: 405 is 4.5."""

TABLES: tuple[Table, ...] = (*site.TABLES, *belonging.TABLES, *learning.TABLES)

# moodle-writes.md §10: what 5.0 and 5.1 changed in these tables.
_SINCE_501: dict[str, list[Column]] = {
    "course": [*char("fullname", 1333), *integer("enableaitools", digits=1, null=True)],
    "grade_items": char("itemname", 1333, null=True),
    "grade_grades": number("deductedmark", 10, 5, default=0),
    "forum": char("name", 1333),
}


def tables(branch: Branch = 405) -> tuple[Table, ...]:
    """The tables as that version of Moodle has them."""
    if branch == 405:
        return TABLES
    return tuple(replace(t, columns=_changed(t.columns, _SINCE_501.get(t.name, []))) for t in TABLES)


def create_tables(
    execute: Callable[[str], object],
    engine: Engine,
    prefix: str = "mdl_",
    *,
    branch: Branch = 405,
    row_format: RowFormat = "COMPRESSED",
) -> None:
    """Create every table and index; ``row_format`` is MariaDB's (COMPRESSED is what Moodle usually has there)."""
    for table in tables(branch):
        for statement in statements(table, engine, prefix, row_format):
            execute(statement)


def statements(table: Table, engine: Engine, prefix: str, row_format: RowFormat) -> Iterator[str]:
    """The statements that create one table; MariaDB takes table and indexes in one."""
    q = quoting(engine)
    name = q(prefix + table.name)
    groups = [("UNIQUE ", columns) for columns in table.unique] + [("", columns) for columns in table.indexes]
    indexes = [
        (kind, prefix + _index_name(table.name, n, columns), ", ".join(map(q, columns.split())))
        for n, (kind, columns) in enumerate(groups, start=1)
    ]
    lines = [_ID[engine], *(f"{q(c.name)} {_type(c, engine)}{_rest(c)}" for c in table.columns)]
    if engine == "mariadb":
        lines += [f"{kind}KEY {q(index)} ({columns})" for kind, index, columns in indexes]
        tail = f" ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci ROW_FORMAT={row_format}"
        yield f"CREATE TABLE {name} ({', '.join(lines)}){tail}"
        return
    yield f"CREATE TABLE {name} ({', '.join(lines)})"
    for kind, index, columns in indexes:
        yield f"CREATE {kind}INDEX {q(index)} ON {name} ({columns})"
    for column in table.patterns:
        index = f"{prefix}{table.name}_{column}_pattern"
        yield f"CREATE INDEX {q(index)} ON {name} ({q(column)} varchar_pattern_ops)"


def quoting(engine: Engine) -> Callable[[str], str]:
    """How this database quotes a name."""
    mark = "`" if engine == "mariadb" else '"'
    return lambda name: mark + name.replace(mark, mark * 2) + mark


_ID = {
    "mariadb": "`id` BIGINT(10) NOT NULL AUTO_INCREMENT PRIMARY KEY",
    "postgresql": '"id" BIGSERIAL PRIMARY KEY',
}


def _type(column: Column, engine: Engine) -> str:
    match column.kind:
        case "integer":
            sizes = (
                ((9, "BIGINT"), (6, "INT"), (4, "MEDIUMINT"), (2, "SMALLINT"), (0, "TINYINT"))
                if engine == "mariadb"
                else ((9, "BIGINT"), (4, "INTEGER"), (0, "SMALLINT"))
            )
            name = next(name for above, name in sizes if column.size > above)
            return f"{name}({column.size})" if engine == "mariadb" else name
        case "number":
            name = "DECIMAL" if engine == "mariadb" else "NUMERIC"
            return f"{name}({column.size},{column.decimals})"
        case "char":
            return f"VARCHAR({column.size})"
        case "text":
            return "LONGTEXT" if engine == "mariadb" else "TEXT"


def _rest(column: Column) -> str:
    null = "" if column.null else " NOT NULL"
    return null if column.default is None else f"{null} DEFAULT '{column.default}'"


def _index_name(table: str, n: int, columns: str) -> str:
    # Greffe finds indexes by their columns, never by name: it is enough that names differ and are short.
    return f"{table}_{n}_{columns.replace(' ', '_')}"[:50]


def _changed(columns: tuple[Column, ...], changes: list[Column]) -> tuple[Column, ...]:
    by_name = {c.name: c for c in columns} | {c.name: c for c in changes}
    return tuple(by_name.values())
