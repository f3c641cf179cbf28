"""What several lists have in common: pages of ids, columns chosen by their keys, where courses stand."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from typing import Any

from greffe.listing import Cell, Column
from greffe.moodle.database import Database
from greffe.view.participants import COLUMNS

PAGE = 500
"""People, or courses, of whom all is read at once."""

Row = tuple[Cell, ...]


def ids(db: Database, name: str, **values: Any) -> array[int]:
    """What a statement finds, packed: a list of 50,000 people begins with 50,000 numbers."""
    return array("q", (int(row[0]) for row in db.query(name, **values)))


def pages(found: array[int]) -> Iterator[list[int]]:
    """Some at a time, in their order."""
    for start in range(0, len(found), PAGE):
        yield found[start : start + PAGE].tolist()


def chosen(*keys: str) -> tuple[tuple[Column, ...], Callable[[Row], Row]]:
    """These columns of the participants, and what takes them from one of their rows."""
    at = {column.key: i for i, column in enumerate(COLUMNS)}
    places = [at[key] for key in keys]
    return tuple(COLUMNS[i] for i in places), lambda row: tuple(row[i] for i in places)


def course_titled(fullname: str, shortname: str) -> str:
    """A course as lists that name several call it."""
    return fullname if fullname == shortname else f"{fullname} ({shortname})"


def category_paths(db: Database) -> dict[int, str]:
    """Course category → where it stands: ``Law / Bachelor / Year 1``."""
    rows = [(int(i), str(name), str(path)) for i, _, name, path, _ in db.query("categories_named")]
    names = {i: name for i, name, _ in rows}
    return {
        i: " / ".join(names[int(part)] for part in path.split("/") if part and int(part) in names)
        for i, _, path in rows
    }
