"""A list as XLSX: real dates and numbers, text that is never a formula or a link, written row by row."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from traceback import walk_tb
from typing import Any
from zipfile import ZipFile

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

from greffe.listing import Cell, Column, Kind, Listing
from greffe.privatefile import private_bytes
from greffe.report.lists.reader import Reader
from greffe.report.lists.sheet import about, data_sheet, sheet_text
from greffe.report.lists.widths import sampled

_CUT = -2
"""XlsxWriter's answer for a text that is longer than a cell can be (32,767)."""


def write(listing: Listing, path: Path, reader: Reader) -> int:
    """A sheet with the list, and one that says what it is."""
    widths, rows = sampled(listing, reader)
    # what it keeps beside the file until its end names people as well, and is gone however it ends
    with TemporaryDirectory(prefix="greffe-") as beside, private_bytes(path) as file:
        book = Workbook(file, {"constant_memory": True, "tmpdir": beside, "use_zip64": True})
        try:
            number = _list(book, listing, reader, widths, rows)
            _about(book, listing, reader, number)
        finally:
            _close(book)
    return number


def _close(book: Any) -> None:
    """Also where the list broke off: its open files would stay."""
    try:
        book.close()
    except FileCreateError as e:  # a disk that is full, as XlsxWriter puts it
        for frame, _ in walk_tb(e.args[0].__traceback__):
            for left in frame.f_locals.values():
                if isinstance(left, ZipFile):
                    left.fp = None  # or it would finish itself when it is forgotten, into a file that is closed by then
        raise e.args[0] from None


def _list(book: Any, listing: Listing, reader: Reader, widths: list[int], rows: Any) -> int:
    sheet = book.add_worksheet(data_sheet(listing, reader))
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    formats = {
        Kind.MOMENT: book.add_format(
            {
                "num_format": "yyyy-mm-dd hh:mm" if reader.language == "en" else "dd/mm/yyyy hh:mm",
                "align": "left",
            }
        ),
        Kind.NUMBER: book.add_format({"num_format": "#,##0"}),
    }
    for at, (heading, width) in enumerate(zip(reader.headings(listing), widths, strict=True)):
        sheet.set_column(at, at, width)
        sheet.write_string(0, at, heading, bold)
    number, cut = 0, False
    for number, row in enumerate(rows, 1):
        for at, (column, cell) in enumerate(zip(listing.columns, row, strict=True)):
            cut |= _cell(sheet, number, at, column, cell, reader, formats) == _CUT
    if cut:
        listing.notes.append("cut")
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, number, len(listing.columns) - 1)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&R&P / &N")
    return number


def _cell(
    sheet: Any, row: int, at: int, column: Column, cell: Cell, reader: Reader, formats: dict[Kind, Any]
) -> int:
    cell = reader.only(column, cell)
    if isinstance(cell, int):
        if column.kind is Kind.NUMBER:
            return int(sheet.write_number(row, at, cell, formats[Kind.NUMBER]))
        if cell and (local := reader.local(cell)):
            return int(sheet.write_datetime(row, at, local.replace(tzinfo=None), formats[Kind.MOMENT]))
    text = sheet_text(reader.text(column, cell))
    return int(sheet.write_string(row, at, text)) if text else 0


def _about(book: Any, listing: Listing, reader: Reader, rows: int) -> None:
    sheet = book.add_worksheet(reader.say("sheet"))
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 1, 80, book.add_format({"text_wrap": True}))
    for at, (what, value) in enumerate(about(listing, reader, rows)):
        sheet.write_string(at, 0, what)
        sheet.write_string(at, 1, sheet_text(value))
