"""A list as one HTML page that needs nothing else: whole without its script, which only sorts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from markupsafe import Markup, escape

from greffe import __version__
from greffe.intake.spreadsheet import safe
from greffe.listing import Kind, Listing
from greffe.pages import environment
from greffe.privatefile import private_file
from greffe.report.lists.reader import Reader, shown

_AS_TEXT = ' sdnum="1033;0;@"'
"""To a spreadsheet that opens the page (LibreOffice; Excel goes by the style): this cell is text, whatever it looks like."""
_PERSON = ("lastname", "firstname", "fullname")
"""Columns that say who."""
_WIDE = 7
"""More columns than these are printed on paper that lies."""


def write(listing: Listing, path: Path, reader: Reader) -> int:
    """The page; how many rows. Every text of the site is escaped."""
    listing = _laid_out(listing)
    # the number of rows stands above them, so they go to a nameless file first
    with TemporaryFile("w+", encoding="utf-8", dir=path.parent, newline="\n") as rows:
        number = _rows(listing, rows, reader)
        rows.seek(0)
        with private_file(path) as file:
            file.writelines(_page(listing, reader, number, rows))
    return number


def _laid_out(listing: Listing) -> Listing:
    """Who it is about first: the title of the card on a phone. What stands above the page, or is said by first and last name,
    needs no column of its own."""
    keys = [c.key for c in listing.columns]
    twice = {"fullname"} if {"lastname", "firstname"} <= {*keys} else set()
    shown_keys = [k for k in keys if k not in twice | listing.alike]
    order = [keys.index(k) for k in sorted(shown_keys, key=lambda k: k not in _PERSON)]
    return replace(
        listing, columns=tuple(listing.columns[at] for at in order), rows=(tuple(row[at] for at in order) for row in listing.rows)
    )  # fmt: skip


def _rows(listing: Listing, file: IO[str], reader: Reader) -> int:
    number = 0
    for row in listing.rows:
        cells = []
        for column, cell in zip(listing.columns, row, strict=True):
            text = shown(reader.text(column, cell))
            if column.kind is Kind.MOMENTS and isinstance(cell, tuple):
                cell = next((c for c in cell if c), 0)  # noqa: PLW2901 - it sorts by its first
            # what is not sorted by its text says by what
            by = f" data-v={cell}" if isinstance(cell, int) and text else ""
            cells.append(f"<td{by}{_AS_TEXT if safe(text) != text else ''}>{escape(text)}")
        file.write(f"<tr>{''.join(cells)}</tr>\n")
        number += 1
    return number


def _page(listing: Listing, reader: Reader, number: int, rows: IO[str]) -> Iterator[str]:
    return (
        environment("greffe.report")
        .get_template("list.html")
        .generate(
            language=reader.language,
            title=shown(reader.titled(listing)),
            kind=reader.title(listing),
            about=shown(listing.about),
            site=shown(listing.site),
            made=reader.made(listing),
            count=shown(reader.count(number)),
            columns=list(zip(listing.columns, reader.headings(listing), strict=True)),
            numbers=[Kind.NUMBER, Kind.MOMENT, Kind.MOMENTS],
            rows=map(Markup, rows),
            number=number,
            asked=[
                shown(reader.say("titled", title=what, about=value)) for what, value in reader.asked(listing)
            ],
            tally=list(map(shown, reader.tallied(listing))),
            notes=[shown(note) for note in reader.notes(listing)],
            say=reader.say,
            columns_style=Markup(_columns(listing, reader)),  # noqa: S704 - Greffe's own
            version=__version__,
        )
    )


def _columns(listing: Listing, reader: Reader) -> str:
    """What depends on the columns: numbers stand to the right, and on a phone each cell has its heading before it."""
    lines = []
    for at, (column, heading) in enumerate(zip(listing.columns, reader.headings(listing), strict=True), 1):
        if column.key in _PERSON:
            lines.append(
                f"@media screen and (max-width: 45rem) {{ td:nth-child({at}) {{ font-weight: 600; }} }}"
            )
        if column.kind is Kind.NUMBER:
            lines.append(
                f"@media print, (min-width: 45.01rem) {{ td:nth-child({at}), th:nth-child({at}) {{ text-align: right; }} }}"
            )
        if column.kind in (Kind.NUMBER, Kind.MOMENT, Kind.MOMENTS, Kind.WORD):
            lines.append(
                f"@media print, (min-width: 45.01rem) {{ td:nth-child({at}) {{ white-space: nowrap; }} }}\n"
                f"td:nth-child({at}) {{ font-variant-numeric: tabular-nums; }}"
            )
        lines.append(
            f'@media screen and (max-width: 45rem) {{ td:nth-child({at})::before {{ content: "{heading}"; }} }}'
        )
    if len(listing.columns) > _WIDE:
        lines.append("@page { size: landscape; }")
    return "\n".join(lines)
