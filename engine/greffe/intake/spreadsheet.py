"""Rows on their way back into a spreadsheet: what it would calculate, cut or turn into a date stays the text it is."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from typing import IO

from greffe.intake.cells import guarded, tidy
from greffe.intake.textfile import NO_SEPARATOR

ENCODING = "utf-8-sig"
"""With its mark, or Excel takes it for Windows-1252."""
_TURNED = re.compile(r"0\d+|\d{12,}|\d+[./: -]\d[\d./: -]*|\d+[eE][+-]?\d+")
"""Leading zeros, too many digits, what looks like a date or like a number in scientific notation."""


def safe(text: str) -> str:
    """A cell that Excel and LibreOffice show as it is and save as it is; read again, it is the same text."""
    return f'="{text}"' if _TURNED.fullmatch(text) else guarded(text)


class Writer:
    """Writes rows as CSV; ``separator`` '' for lines that are one cell."""

    def __init__(self, file: IO[str], separator: str = ";") -> None:
        self._csv = csv.writer(file, delimiter=separator or NO_SEPARATOR)

    def write(self, cells: Iterable[str]) -> None:
        """One row; what an earlier spreadsheet put around a text is not put around it twice."""
        self._csv.writerow([safe(tidy(cell)) for cell in cells])
