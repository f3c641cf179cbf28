"""How Moodle declares a table, and what a database makes of it.

Moodle declares columns by kind and digits and lets each database choose the type; references between tables become
plain indexes, never constraints (moodle-writes.md §0.8). The same is done here, so that a table created by Greffe
meets the same optimiser, with the same indexes, as on a real site.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Engine = Literal["mariadb", "postgresql"]
RowFormat = Literal["COMPRESSED", "DYNAMIC"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``size`` is digits of an integer or number, characters of a text."""

    name: str
    kind: Literal["integer", "number", "char", "text"]
    size: int = 0
    decimals: int = 0
    null: bool = False
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One table without its prefix; every table also has the column ``id``.

    An index is its columns, in order. On PostgreSQL a column of ``patterns`` has one more, for LIKE 'start%'.
    """

    name: str
    columns: tuple[Column, ...]
    unique: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()


def table(
    name: str, *columns: list[Column], unique: str = "", indexes: str = "", patterns: str = ""
) -> Table:
    """A table from groups of columns; indexes are separated by ``;``, their columns by a blank."""
    return Table(
        name, tuple(c for group in columns for c in group), _split(unique), _split(indexes), _split(patterns)
    )


def integer(names: str, *, digits: int = 10, default: int | None = None, null: bool = False) -> list[Column]:
    """Whole numbers; Moodle keeps ids and times (Unix seconds) in ten digits, which is 64 bits."""
    text = None if default is None else str(default)
    return [Column(n, "integer", digits, null=null, default=text) for n in names.split()]


def number(
    names: str, digits: int, decimals: int, *, default: int | None = None, null: bool = False
) -> list[Column]:
    """Fixed-point numbers."""
    text = None if default is None else str(default)
    return [Column(n, "number", digits, decimals, null, text) for n in names.split()]


def char(names: str, size: int, *, default: str = "", null: bool = False) -> list[Column]:
    """Short texts; one that must not be NULL and names no default gets '' from Moodle."""
    text = None if null and not default else default
    return [Column(n, "char", size, null=null, default=text) for n in names.split()]


def text(names: str, *, null: bool = False) -> list[Column]:
    """Long texts."""
    return [Column(n, "text", null=null) for n in names.split()]


def _split(indexes: str) -> tuple[str, ...]:
    return tuple(i.strip() for i in indexes.split(";") if i.strip())
