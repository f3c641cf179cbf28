"""What the two kinds of spreadsheet have in common."""

from __future__ import annotations

import re

from greffe.listing import Listing
from greffe.report.lists.reader import Reader

_FORBIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold."""
_NO_NAME = re.compile(r"[\[\]:*?/\\']")
_LONGEST_NAME = 31


def sheet_text(text: str) -> str:
    """A text that a sheet can hold: its tabs and line ends stay."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)


def data_sheet(listing: Listing, reader: Reader) -> str:
    """A name that every spreadsheet takes for a sheet."""
    return _NO_NAME.sub(" ", reader.title(listing))[:_LONGEST_NAME].strip()


def about(listing: Listing, reader: Reader, rows: int) -> list[tuple[str, str]]:
    """(what, value): the sheet that says what this is."""
    return [
        ("", reader.title(listing)),
        (reader.say("about"), listing.about),
        (reader.say("site"), listing.site),
        (reader.say("made"), reader.made(listing)),
        *reader.asked(listing),
        ("", reader.count(rows)),
        *(("", line) for line in reader.tallied(listing)),
        *((reader.say("notes"), note) for note in reader.notes(listing)),
        ("", reader.say("private")),
    ]
