"""The refused lines of a file as a file of their own: corrected, it can be fed again as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path

from greffe.errors import ArgumentError
from greffe.intake.french import reason
from greffe.intake.headers import REASON, plain
from greffe.intake.lines import RefusedLine
from greffe.intake.opening import OpenedFile
from greffe.intake.spreadsheet import ENCODING, Writer
from greffe.privatefile import private_file

_HEADS = {
    "en": ("line here", "line in the file", "column", "value", "why"),
    "fr": ("ligne ici", "ligne du fichier", "colonne", "valeur", "motif"),
}


def write_refused(
    path: Path, file: OpenedFile, refusals: Iterable[RefusedLine], language: str = "en"
) -> tuple[Path, ...]:
    """Write the lines that were refused, with the file's own header, separator and format; returns what was written.

    Where columns are found by their names, a first column says why; else a second file does (``….reasons.csv``), so
    that no cell changes its place. ``refusals``: the reader's, and those of whoever looked the lines up.
    Raises OSError, ArgumentError if it would replace the file itself.
    """
    if path.exists() and path.samefile(file.source):
        raise ArgumentError(f"{path}: is the file itself", todo="Name another file for the refused lines.")
    by_line: dict[int, list[RefusedLine]] = {}
    for refusal in refusals:
        by_line.setdefault(refusal.line, []).append(refusal)
    beside = path.with_name(f"{path.stem}.reasons.csv")
    with ExitStack() as files:
        lines = Writer(files.enter_context(private_file(path, ENCODING, "")), _separator(file))
        reasons = None
        if not file.by_name:
            reasons = Writer(files.enter_context(private_file(beside, ENCODING, "")))
            reasons.write(_HEADS[language])
        written = 0
        old = _old_reasons(file)
        if file.header:
            lines.write((REASON, *old(file.header)) if file.by_name else file.header)
            written += 1
        group: tuple[str, ...] = ()
        for number, cells in file.rows():
            if file.format == "5" and cells[0].startswith("#"):
                group = cells
            if number not in by_line:
                continue
            if group and group != cells:
                lines.write(group)
                written += 1
            group = ()
            written += 1
            why = "; ".join(_sentence(refusal, language) for refusal in by_line[number])
            lines.write((why, *old(cells)) if file.by_name else cells)
            if reasons:
                for refusal in by_line[number]:
                    why = reason(refusal.why, language)
                    reasons.write((str(written), str(number), refusal.column, refusal.value, why))
    return (path,) if file.by_name else (path, beside)


def _old_reasons(file: OpenedFile) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    """Takes away the column that said why when these lines were refused before."""
    place = next((i for i, name in enumerate(file.header) if plain(name) == REASON), None)
    if place is None:
        return lambda cells: cells
    # a row whose quotes could not be paired is one cell, and keeps it
    return lambda cells: cells[:place] + cells[place + 1 :] if len(cells) > 1 else cells


def _separator(file: OpenedFile) -> str:
    # a workbook's rows have none of their own
    return file.separator or (";" if file.is_workbook else "")


def _sentence(refusal: RefusedLine, language: str) -> str:
    why = reason(refusal.why, language)
    return f"{refusal.column}: {why}" if refusal.column else why
