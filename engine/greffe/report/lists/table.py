"""A list on a terminal; plain columns where the output is not one."""

from __future__ import annotations

from itertools import islice

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from greffe.listing import Kind, Listing
from greffe.report.lists.reader import Reader, shown

TOGETHER = 1000
"""Rows of one table: a longer list comes as several, so that it is not held as a whole."""


def show(out: Console, listing: Listing, reader: Reader) -> int:
    """Print the list; how many rows."""
    out.print(Text(shown(reader.titled(listing)), "bold"))
    rows, number = reader.texts(listing), 0
    while part := list(islice(rows, TOGETHER)):
        table = Table(box=box.SIMPLE_HEAD if out.is_terminal else None, pad_edge=False)
        for column, heading in zip(listing.columns, reader.headings(listing), strict=True):
            table.add_column(
                heading, justify="right" if column.kind is Kind.NUMBER else "left", overflow="fold"
            )
        for row in part:
            table.add_row(*(Text(shown(text)) for text in row))
        out.print(table)
        number += len(part)
    out.print(Text(reader.count(number) if number else reader.say("no_rows"), "dim"))
    for note in reader.notes(listing):
        out.print(Text(f"• {shown(note)}"))
    return number
