"""Participants on a terminal: the columns that it has room for, one line for each enrolment, page after page."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from greffe.listing import Cell, Column, Listing
from greffe.report.elapsed import elapsed
from greffe.report.lists.columns import draw
from greffe.report.lists.reader import Reader, shown
from greffe.report.lists.table import below

_SHOWN = (
    "course", "fullname", "idnumber", "email", "roles", "groups", "last_access", "status", "method", "start", "end", "enrolled", "run",
)  # fmt: skip
"""In the order of Moodle's page; what it lacks comes after, but for the number that says who somebody is."""
_FIRST = (
    "fullname", "status", "course", "roles", "last_access", "idnumber", "groups", "email", "method", "start", "end", "run", "enrolled",
)  # fmt: skip
"""What is shown rather than the others where there is not room for all."""
_LINES = {"status", "method", "start", "end", "enrolled", "run"}
"""Columns that say one thing of each enrolment."""


def show(out: Console, listing: Listing, reader: Reader) -> int:
    """Print them; how many. Widths are those of the first people, so that the others need not be held."""
    out.print(Text(shown(reader.titled(listing)), "bold"))
    at = {column.key: i for i, column in enumerate(listing.columns)}
    headings = dict(zip(at, reader.headings(listing), strict=True))
    first = [key for key in _FIRST if key not in listing.alike]
    rows = (
        [_lines(listing, reader, listing.columns[at[key]], row[at[key]]) for key in _SHOWN]
        for row in listing.rows
    )
    number, left_out = draw(out, {key: headings[key] for key in _SHOWN}, rows, first, cut=True)
    below(out, reader, number, left_out)
    return number


def _lines(listing: Listing, reader: Reader, column: Column, cell: Cell) -> list[str]:
    if column.key == "last_access" and isinstance(cell, int) and cell:
        return [elapsed(listing.made - cell, reader.language)]
    if column.key in _LINES and isinstance(cell, tuple):
        return [shown(reader.part(column, c)) for c in cell]
    return [shown(reader.text(column, cell))]
