"""A list as JSON for programs: codes, lists and moments (ISO 8601) as they are, whatever the reader's language."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import msgspec

from greffe.listing import Cell, Column, Kind, Listing
from greffe.privatefile import private_bytes
from greffe.report.lists.reader import Reader


def write(listing: Listing, path: Path, reader: Reader) -> int:
    """The document as a file."""
    with private_bytes(path) as file:
        return stream(listing, file, reader)


def stream(listing: Listing, file: IO[bytes], reader: Reader) -> int:
    """The document, one line a row; how many rows."""
    encode = msgspec.json.Encoder().encode
    head = {
        "list": listing.name,
        "about": listing.about,
        "site": listing.site,
        "made": _moment(reader, listing.made),
        "asked": listing.asked,
        "tally": [{"of": t.of, t.key: t.code, "rows": t.number} for t in listing.tally],
        "columns": [c.key for c in listing.columns],
    }
    file.write(encode(head)[:-1] + b',\n"rows": [')
    rows = 0
    for row in listing.rows:
        cells = {c.key: _cell(reader, c, cell) for c, cell in zip(listing.columns, row, strict=True)}
        file.write((b",\n" if rows else b"\n") + encode(cells))
        rows += 1
    file.write(b'\n],\n"notes": ' + encode(reader.notes(listing)) + b"}\n")
    return rows


def _cell(reader: Reader, column: Column, cell: Cell) -> object:
    if column.kind is Kind.MOMENT and isinstance(cell, int):
        return _moment(reader, cell)
    if column.kind is Kind.MOMENTS and isinstance(cell, tuple):
        return [_moment(reader, int(c)) for c in cell]
    return cell


def _moment(reader: Reader, seconds: int) -> str | int | None:
    """None for 0; a number that is no moment stays what it is."""
    if not seconds:
        return None
    found = reader.local(seconds)
    return found.isoformat() if found else seconds
