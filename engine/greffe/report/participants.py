"""Participants on a terminal: the columns that it has room for, one line for each enrolment, page after page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from textwrap import wrap

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from greffe.listing import Cell, Column, Listing
from greffe.report.elapsed import elapsed
from greffe.report.lists.reader import Reader, shown

_SHOWN = ("course", "fullname", "email", "roles", "groups", "last_access", "status", "method", "start", "end", "enrolled", "run")  # fmt: skip
"""In the order of Moodle's page; what it lacks comes after."""
_FIRST = ("fullname", "status", "course", "roles", "last_access", "groups", "email", "method", "start", "end", "run", "enrolled")  # fmt: skip
"""What is shown rather than the others where there is not room for all."""
_LINES = {"status", "method", "start", "end", "enrolled", "run"}
"""Columns that say one thing of each enrolment."""
_TOGETHER = 500
_WIDEST, _GAP = 32, 2
"""Letters that a column may take, and that stand between two."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """A column that has room."""

    at: int
    heading: str
    width: int


def show(out: Console, listing: Listing, reader: Reader) -> int:
    """Print them; how many. Widths are those of the first people, so that the others need not be held."""
    out.print(Text(shown(reader.titled(listing)), "bold"))
    number, columns, left_out = 0, list[_Shown](), list[str]()
    while part := list(islice(listing.rows, _TOGETHER)):
        cells = [
            [_lines(listing, reader, c, v) for c, v in zip(listing.columns, row, strict=True)] for row in part
        ]
        if not number:
            columns, left_out = _choose(out.width, listing, reader, cells)
        table = Table(
            box=box.SIMPLE_HEAD if out.is_terminal else None, show_edge=False, pad_edge=False, padding=(0, _GAP - 1, 0, 0),
            show_header=not number,
        )  # fmt: skip
        for each in columns:
            heading = "\n".join(wrap(each.heading, each.width))
            table.add_column(heading, width=each.width, no_wrap=True, overflow="ellipsis")
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


def _choose(
    room: int, listing: Listing, reader: Reader, cells: Sequence[Sequence[Sequence[str]]]
) -> tuple[list[_Shown], list[str]]:
    """The most important columns that fit beside each other, and the headings of the others. A column that says nothing is none of
    them; nor is the course where there is but one."""
    at = {c.key: i for i, c in enumerate(listing.columns)}
    headings = reader.headings(listing)
    found: dict[str, _Shown] = {}
    left_out = []
    for key in _FIRST:
        i = at[key]
        longest = max((cell_len(line) for row in cells for line in row[i]), default=0)
        if not longest or (key == "course" and len({row[i][0] for row in cells}) == 1):
            continue
        width = max(min(longest, _WIDEST), *map(cell_len, headings[i].split()))
        if room >= width or not found:
            found[key] = _Shown(i, headings[i], width)
            room -= width + _GAP
        else:
            left_out.append(headings[i])
    return [found[key] for key in _SHOWN if key in found], left_out
