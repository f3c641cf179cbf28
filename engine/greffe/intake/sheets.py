"""Texts as the cells of a file that spreadsheets open: they stay what they are, at a double click too."""

from __future__ import annotations

import re

from greffe.intake.cells import guarded

_TAKEN = re.compile(
    r"\d|(?:jan|fe|fé|feb|mar|apr|avr|may|mai|jun|jui|jul|aug|aou|aoû|sep|oct|nov|dec|déc)\w*\.?[ -./]?\d|(?:true|false|vrai|faux)$",
    re.IGNORECASE,
)
"""What a spreadsheet would make a number, a date or a truth of: ``00123``, ``1-2``, ``MARS-1``, ``2E3``."""


def kept(text: str) -> str:
    """The text so that a spreadsheet neither calculates it nor makes another value of it; a reader takes that back."""
    if _TAKEN.match(text):
        return '="' + text.replace('"', '""') + '"'
    return guarded(text)
