"""Which rows of a feed count: the values to keep, the open academic years, the semi-join with another feed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from greffe.config import Feed
from greffe.errors import FeedError
from greffe.feed.header import positions
from greffe.model import FeedCounts, Table
from greffe.rules.text import clean, pad

Key = tuple[str, ...]
Cells = Sequence[str]


def selected(
    table: Table, feed: Feed, years: Collection[str] | None, counts: FeedCounts | None = None
) -> Iterator[tuple[int, Cells]]:
    """The rows that pass ``keep`` and the open years, in order; counted in ``counts`` if it is given.

    ``years`` None: all years. The semi-join is not applied here: this is what serves the semi-join of others.
    """
    names = [*feed.keep, *([feed.year_column] if years is not None else [])]
    (*kept_at,) = positions(table, names)
    year_at = kept_at.pop() if years is not None else 0
    wanted = [
        (at, frozenset([values] if isinstance(values, str) else values))
        for at, values in zip(kept_at, feed.keep.values(), strict=True)
    ]
    seen = kept = other_years = 0
    try:
        for line, cells in table.rows():
            seen += 1
            if any(clean(cells[at]) not in values for at, values in wanted):
                continue
            if years is not None and clean(cells[year_at]) not in years:
                other_years += 1
                continue
            kept += 1
            yield line, cells
    finally:
        if counts is not None:
            counts.rows, counts.kept, counts.other_years = seen, kept, other_years


class Join(NamedTuple):
    """The columns that a semi-join compares, and to which widths their numbers are padded (0: not at all)."""

    here: list[str]
    there: list[str]
    widths: list[int]


def join(feed: Feed, other: Feed) -> Join:
    """The semi-join ``requires`` of a feed, with the feed that it names.

    A person's number is compared with its zeros on both sides, to the wider of the two widths, whichever of the two
    feeds says that it is padded.
    """
    if feed.requires is None:
        return Join([], [], [])
    on = feed.requires.on
    pairs = on if isinstance(on, dict) else {name: name for name in on}
    mine, yours = _widths(feed), _widths(other)
    widths = [max(mine.get(here, 0), yours.get(there, 0)) for here, there in pairs.items()]
    return Join(list(pairs), list(pairs.values()), widths)


def key_of(table: Table, columns: Sequence[str], widths: Sequence[int]) -> Callable[[Cells], Key]:
    """A function that gives the key of a row: the cleaned (and where a width is given, padded) cells of columns."""
    places = tuple(zip(positions(table, columns), widths, strict=True))
    if not any(widths):
        at = tuple(position for position, _ in places)
        return lambda cells: tuple([clean(cells[position]) for position in at])
    return lambda cells: tuple(
        [pad(clean(cells[at]), width) if width else clean(cells[at]) for at, width in places]
    )


def required_keys(
    table: Table,
    other: Feed,
    columns: Sequence[str],
    widths: Sequence[int] = (),
    *,
    years: Collection[str] | None = None,
    counts: FeedCounts | None = None,
) -> set[Key]:
    """What the feed ``other``, opened as ``table``, has in ``columns``, among the rows that its own filters keep.

    ``widths`` in parallel with ``columns``, 0 for no padding. A row that lacks one of the values answers for nobody:
    an empty person must not let other empty persons pass.
    """
    key = key_of(table, columns, widths or [0] * len(columns))
    found: set[Key] = set()
    for _, cells in selected(table, other, years, counts):
        value = key(cells)
        if all(value):
            found.add(value)
    return found


def values(table: Table, feed: Feed, column: str, counts: FeedCounts | None = None) -> set[str]:
    """The distinct cleaned values of a column among the rows that ``keep`` keeps; empty ones left out."""
    return set(chain.from_iterable(required_keys(table, feed, [column], counts=counts)))


def refuse_empty(found: Collection[object], name: str, needed_by: str, what: str) -> None:
    """Raise FeedError where a feed that others rely on gave nothing: all their rows would be left out."""
    if not found:
        raise FeedError(
            f"[feed.{name}]: gives no {what}, which [feed.{needed_by}] needs; nobody would be left"
        )


def _widths(feed: Feed) -> dict[str, int]:
    return {feed.who.column: feed.who.pad} if feed.who else {}
