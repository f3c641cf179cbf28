"""How wide columns are to be: from the headings and the first rows, since the others are not held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice

from greffe.errors import ArgumentError
from greffe.listing import Cell, Listing
from greffe.report.lists.reader import Reader

SAMPLE = 500
"""Rows that are looked at."""
MOST_ROWS = 1_048_575
"""A sheet holds one more, with the headings."""
_NARROWEST, _WIDEST = 8, 48
"""In letters."""


def sampled(listing: Listing, reader: Reader) -> tuple[list[int], Iterator[Sequence[Cell]]]:
    """(width of each column in letters, all rows). The rows end in ArgumentError where a sheet has no room for more."""
    widths = [len(h) + 3 for h in reader.headings(listing)]  # the mark of the filter stands beside a heading
    rows = iter(listing.rows)
    first = list(islice(rows, SAMPLE))
    for row in first:
        for at, (column, cell) in enumerate(zip(listing.columns, row, strict=True)):
            widths[at] = max(widths[at], len(reader.text(column, cell)) + 1)
    return [min(max(w, _NARROWEST), _WIDEST) for w in widths], _bounded(chain(first, rows))


def _bounded(rows: Iterator[tuple[Cell, ...]]) -> Iterator[Sequence[Cell]]:
    for number, row in enumerate(rows):
        if number >= MOST_ROWS:
            raise ArgumentError(
                f"a spreadsheet holds no more than {MOST_ROWS:,} rows",
                todo="Write it as .csv, .json or .html.",
            )
        yield row
