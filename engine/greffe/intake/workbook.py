"""One sheet of an XLSX or ODS workbook as rows. A formula is the value that was saved with it; nothing is calculated here."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from os import stat_result
from pathlib import Path
from typing import TYPE_CHECKING

from greffe.errors import ArgumentError, BatchfileError
from greffe.intake.cells import NumberText
from greffe.intake.lines import Doubt
from greffe.intake.textfile import Record, check_unchanged

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

LARGEST = 512 << 20
"""Bytes of a workbook when unpacked: the library holds a sheet as a whole, so that a small file could fill the memory."""
EXACT = 1e15
"""A spreadsheet keeps 15 digits of a number."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that was found; its rows are read anew at each walk."""

    path: Path
    name: str
    kind: str
    """``XLSX`` or ``ODS``."""
    seen: stat_result

    def records(self) -> Iterator[Record]:
        """All rows, numbered as the spreadsheet numbers them; raises BatchfileError for a damaged sheet."""
        with _clear_words(self.path):
            check_unchanged(self.path, self.seen, self.path.stat())
            yield from _rows(_open(self.path).get_sheet_by_name(self.name))


def find(path: Path, seen: stat_result, wanted: str) -> tuple[Sheet, list[Doubt]]:
    """The sheet that is meant: the only one with anything in it, or the one that is named."""
    kind = _kind(path)
    with _clear_words(path):
        book = _open(path)
        names = list(book.sheet_names)
        if wanted:
            if wanted not in names:
                raise ArgumentError(
                    f"{path}: has no sheet {wanted!r}; there are {', '.join(map(repr, names))}"
                )
            return Sheet(path, wanted, kind, seen), []
        full = [name for name in names if book.get_sheet_by_name(name).total_height]
    if not full:
        raise BatchfileError(f"{path}: is empty")
    doubts = (
        [Doubt("--sheet", "several sheets are filled: which one is meant?", tuple(full))]
        if len(full) > 1
        else []
    )
    return Sheet(path, full[0], kind, seen), doubts


def _kind(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as e:
        raise BatchfileError(f"{path}: is a damaged workbook: {e}", todo="Save it again.") from e
    if size > LARGEST:
        raise BatchfileError(
            f"{path}: would fill {size >> 20:,} MiB when unpacked", todo="Save the sheet as CSV UTF-8."
        )
    if "xl/workbook.xml" in names:
        return "XLSX"
    if "content.xml" in names:
        return "ODS"
    raise BatchfileError(f"{path}: is a ZIP archive, but no XLSX or ODS workbook")


def _open(path: Path) -> CalamineWorkbook:
    from python_calamine import CalamineWorkbook

    return CalamineWorkbook.from_path(str(path))


class _clear_words:  # noqa: N801 - used as a statement
    """Turns whatever the library raises, a panic of its own included, into a BatchfileError."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None or isinstance(
            error, (BatchfileError, ArgumentError, KeyboardInterrupt, SystemExit, GeneratorExit)
        ):
            return
        raise BatchfileError(
            f"{self._path}: this workbook cannot be read: {error}",
            todo="Take off its password, if it has one, and save it again; or save the sheet as CSV UTF-8.",
        ) from error


def _rows(sheet: CalamineSheet) -> Iterator[Record]:
    for number, cells in enumerate(sheet.iter_rows(), 1):
        yield Record(number, [_text(cell) for cell in cells])


def _text(cell: object) -> str:
    """A cell as a person would have typed it."""
    match cell:
        case str():
            return cell
        case bool():
            return "1" if cell else "0"
        case int() | float():
            return _number(cell)
        case datetime():
            return f"{cell:%Y-%m-%d}" if cell.time() == time() else f"{cell:%Y-%m-%d %H:%M:%S}"
        case date():
            return f"{cell:%Y-%m-%d}"
        case time() | timedelta():
            return str(cell)
        case _:
            return ""


def _number(value: float) -> NumberText:
    if abs(value) >= EXACT:
        # written as the spreadsheet shows it, since its last digits are gone
        return NumberText(f"{value:.14E}")
    return NumberText(int(value) if value == int(value) else value)
