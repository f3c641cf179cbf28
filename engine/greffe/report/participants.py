"""Participants on a terminal: the columns that it has room for, one line for each enrolment, page after page."""

from __future__ import annotations

from itertools import islice

from rich.console import Console
from rich.text import Text

from greffe.listing import Cell, Column, Listing
from greffe.report.elapsed import elapsed
from greffe.report.lists.columns import Place, choose, drawn, room_on
from greffe.report.lists.reader import Reader, shown

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
_TOGETHER = 500


def show(out: Console, listing: Listing, reader: Reader) -> int:
    """Print them; how many. Widths are those of the first people, so that the others need not be held."""
    out.print(Text(shown(reader.titled(listing)), "bold"))
    at = {column.key: i for i, column in enumerate(listing.columns)}
    headings = dict(zip(at, reader.headings(listing), strict=True))
    headings = {key: headings[key] for key in _SHOWN}
    number, columns, left_out = 0, list[Place](), list[str]()
    while part := list(islice(listing.rows, _TOGETHER)):
        cells = [
            [_lines(listing, reader, listing.columns[at[key]], row[at[key]]) for key in _SHOWN]
            for row in part
        ]
        if not number:
            wanted = [key for key in _FIRST if key not in listing.alike]
            columns, left_out = choose(room_on(out), headings, cells, wanted)
        table = drawn(out, columns, header=not number, cut=True)
        for row in cells:
            table.add_row(*(Text("\n".join(row[each.at])) for each in columns))
        out.print(table)
        number += len(part)
    out.print(Text(reader.count(number) if number else reader.say("no_rows"), "dim"))
    if left_out:
        out.print(Text(reader.say("left_out", columns=", ".join(left_out)), "dim"))
    return number


def _lines(listing: Listing, reader: Reader, column: Column, cell: Cell) -> list[str]:
    if column.key == "last_access" and isinstance(cell, int) and cell:
        return [elapsed(listing.made - cell, reader.language)]
    if column.key in _LINES and isinstance(cell, tuple):
        return [shown(reader.part(column, c)) for c in cell]
    return [shown(reader.text(column, cell))]
