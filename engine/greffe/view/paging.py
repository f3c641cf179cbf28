"""Ids that a list holds in their order, and the pages in which the rest is read."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

from greffe.moodle.database import Database

_PAGE = 500
"""People, or courses, of whom all is read at once."""


def ids(db: Database, name: str, **values: Any) -> array[int]:
    """What a statement finds, packed: a list of 50,000 people begins with 50,000 numbers."""
    return array("q", (int(row[0]) for row in db.query(name, **values)))


def pages(found: array[int], size: int = _PAGE) -> Iterator[list[int]]:
    """Some at a time, in their order."""
    for start in range(0, len(found), size):
        yield found[start : start + size].tolist()
