"""Which rows of a feed count: the values to keep, the open academic years, the semi-join with another feed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import chain
from operator import itemgetter
from typing import NamedTuple, TypeVar

from greffe.config.feeds import Feed
from greffe.errors import FeedError
from greffe.feed.header import positions
from greffe.model import FeedCounts, Refused, Table
from greffe.rules.text import clean, pad

T = TypeVar("T")
Key = tuple[str, ...]
Cells = Sequence[str]

REMEMBERED = 100_000
"""Combinations whose answer is remembered, so that memory does not grow with the feed."""


def selected(
    table: Table, feed: Feed, years: Collection[str] | None, counts: FeedCounts | None = None
) -> Iterator[tuple[int, Cells]]:
    """The rows that pass ``keep`` and the open years, in order; counted in ``counts`` if it is given.

    ``years`` None: all years. The semi-join is not applied here: this is what serves the semi-join of others.
    """
    wanted = [frozenset([v] if isinstance(v, str) else v) for v in feed.keep.values()]
    year_columns = [] if years is None else [feed.year_column]

    def verdict(cells: Key) -> bool | None:
        if any(clean(cell) not in values for cell, values in zip(cells, wanted, strict=False)):
            return False
        return True if years is None or clean(cells[-1]) in years else None

    judge = _remembering(verdict, positions(table, [*feed.keep, *year_columns]))
    seen = kept = other_years = 0
    try:
        for line, cells in table.rows():
            seen += 1
            good = judge(cells)
            if good:
                kept += 1
                yield line, cells
            elif good is None:
                other_years += 1
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

    def key(cells: Key) -> Key:
        return tuple([pad(clean(cell), width) for cell, width in zip(cells, widths, strict=True)])

    return _remembering(key, positions(table, columns))


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


def doubted(table: Table, feed: Feed, join: Join) -> tuple[set[str], int]:
    """The people of the lines that were refused in the table that ``feed`` requires, as keys have them, and their place
    there: one of these lines may have been what they need.

    Raises FeedError where that cannot be told, since anybody may then be meant.
    """
    if not table.refused:
        return set(), 0
    column = feed.who.column if feed.who else ""
    if column not in join.here:
        raise FeedError(
            f"[feed.{table.name}]: {told(table.refused)}, and requires does not compare people: anybody may be meant"
        )
    at = join.here.index(column)
    if unread := [line for line in table.refused if join.there[at] in line.unread]:
        raise FeedError(
            f"[feed.{table.name}]: {told(unread)}; whom it names cannot be told: anybody may be meant"
        )
    people = {pad(clean(line.cells.get(join.there[at], "")), join.widths[at]) for line in table.refused}
    return people - {""}, at


def told(refused: Sequence[Refused]) -> str:
    """Refused lines in words: the first, and how many more. One that may name several people is refused for each of them."""
    others = len({line.line for line in refused}) - 1
    more = f" (and {others} more)" if others else ""
    return f"line {refused[0].line}: {refused[0].why}{more}"


def refuse_empty(found: Collection[object], name: str, needed_by: str, what: str) -> None:
    """Raise FeedError where a feed that others rely on gave nothing: all their rows would be left out."""
    if not found:
        raise FeedError(
            f"[feed.{name}]: gives no {what}, which [feed.{needed_by}] needs; nobody would be left"
        )


def _remembering(decide: Callable[[Key], T], at: Sequence[int]) -> Callable[[Cells], T]:
    """``decide`` applied to the cells at these positions, once per distinct combination.

    A student has a dozen rows with the same étape, and a filter column a handful of values; cleaning them anew in
    each row would cost several times the reading.
    """
    if not at:
        always = decide(())
        return lambda _: always
    pick = itemgetter(*at)
    only = len(at) == 1
    known: dict[Key | str, T] = {}

    def decided(cells: Cells) -> T:
        picked = pick(cells)
        try:
            return known[picked]
        except KeyError:
            if len(known) >= REMEMBERED:
                known.clear()
            answer = known[picked] = decide((picked,) if only else picked)
            return answer

    return decided


def _widths(feed: Feed) -> dict[str, int]:
    return {feed.who.column: feed.who.pad} if feed.who else {}
