"""A list as CSV that Excel opens by a double click: byte order mark, semicolons, no cell that it would calculate."""

from __future__ import annotations

import csv
from pathlib import Path

from greffe.intake.spreadsheet import ENCODING, safe
from greffe.listing import Cell, Column, Kind, Listing
from greffe.privatefile import private_file
from greffe.report.lists.reader import Reader


def write(listing: Listing, path: Path, reader: Reader) -> int:
    """One line of headings, one line a row."""
    rows = 0
    with private_file(path, ENCODING, "") as file:
        out = csv.writer(file, delimiter=";")
        out.writerow(reader.headings(listing))
        for row in listing.rows:
            out.writerow([_cell(reader, c, cell) for c, cell in zip(listing.columns, row, strict=True)])
            rows += 1
    return rows


def _cell(reader: Reader, column: Column, cell: Cell) -> str:
    """Numbers and moments plain, so that every spreadsheet in every language takes them for what they are."""
    cell = reader.only(column, cell)
    if isinstance(cell, int):
        if column.kind is Kind.NUMBER:
            return str(cell)
        if cell and (local := reader.local(cell)):
            return f"{local:%Y-%m-%d %H:%M:%S}"
    return safe(reader.text(column, cell))
