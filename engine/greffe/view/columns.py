"""The columns of participants, and lists made of some of them."""

from __future__ import annotations

from collections.abc import Callable

from greffe.listing import Cell, Column, Kind

Row = tuple[Cell, ...]

COLUMNS = (
    Column("course"),
    Column("lastname"),
    Column("firstname"),
    Column("fullname"),
    Column("idnumber"),
    Column("email"),
    Column("roles", Kind.TEXTS),
    Column("groups", Kind.TEXTS),
    Column("last_access", Kind.MOMENT),
    Column("status", Kind.WORDS),
    Column("method", Kind.TEXTS),
    Column("start", Kind.MOMENTS),
    Column("end", Kind.MOMENTS),
    Column("enrolled", Kind.MOMENTS),
    Column("run", Kind.TEXTS),
)
"""One row is one person in one course; ``status`` and what comes after it say one thing for each of his enrolments, in one
order: the best first."""


def chosen(*keys: str) -> tuple[tuple[Column, ...], Callable[[Row], Row]]:
    """These columns of the participants, and what takes them from one of their rows."""
    at = {column.key: i for i, column in enumerate(COLUMNS)}
    places = [at[key] for key in keys]
    return tuple(COLUMNS[i] for i in places), lambda row: tuple(row[i] for i in places)
