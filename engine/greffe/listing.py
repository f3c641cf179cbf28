"""A list as people ask for it: columns with a meaning, rows one after another.

Who knows Moodle makes it, whoever writes files or draws tables takes it row by row: neither holds it as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import StrEnum

Cell = str | int | tuple[str, ...] | tuple[int, ...] | None
"""What stands in a row: see Kind. None: nothing to say."""


class Kind(StrEnum):
    """What a column holds, so that each way of writing can show, sort and align it in its own manner."""

    TEXT = "text"
    """A str, as it stands in Moodle."""
    WORD = "word"
    """A str that is one of Greffe's own codes ("active"); readers get their language's word for it."""
    NUMBER = "number"
    """An int that counts something."""
    MOMENT = "moment"
    """An int, seconds since 1970; 0: never, or without limit."""
    MOMENTS = "moments"
    """A tuple of such ints, one for each of several things (a person's enrolments in a course)."""
    TEXTS = "texts"
    """A tuple of str, in the order in which they are shown."""
    WORDS = "words"
    """A tuple of codes, likewise."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``key`` is its name in JSON, and finds its heading in the reader's language."""

    key: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows there are of one kind."""

    of: str
    """A course, as it stands in the rows."""
    key: str
    """The column that says which kind…"""
    code: str
    """…and the kind, as it stands there."""
    number: int


@dataclass(slots=True)
class Listing:
    """A list to be written once: its rows are read from the database while they are written."""

    name: str
    """What kind of list ("participants"); finds its title in the reader's language."""
    about: str
    """What it is a list of, as the site calls it: a course, a person, a cohort."""
    site: str
    made: int
    """Seconds since 1970, by the database's clock."""
    columns: tuple[Column, ...]
    rows: Iterator[tuple[Cell, ...]]
    """One Cell for each column."""
    notes: list[str] = field(default_factory=list)
    """What a person should know of it, in codes ("hidden", "hidden 3" with a number, "hidden 2: A, B" with names) that readers get their language's
    sentence for; complete once the rows are read."""
    zone: tzinfo | None = None
    """The site's time zone; None: this machine's own."""
    alike: frozenset[str] = frozenset()
    """Keys of columns that say in every row what stands above the list already."""
    asked: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What it was asked for, filter → its values as they were given, and ``sort``: whoever reads the file later sees that it is
    not everybody."""
    tally: tuple[Tally, ...] = ()
    """What is found, counted before the rows are read."""
