"""A list in the form that people ask for: the end of the file's name says which."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from greffe.errors import ArgumentError
from greffe.listing import Listing
from greffe.report.lists.reader import Reader

FORMATS = {
    ".csv": "csvfile",
    ".html": "page",
    ".json": "jsonfile",
    ".ods": "opendocument",
    ".xlsx": "workbook",
}
"""End of a name → the module here whose ``write`` makes such a file, readable by its owner only, and says how many rows it has;
each raises OSError. A module is loaded when a list is written by it: a table on a terminal must not pay for a workbook."""


def refuse_unknown(path: Path) -> None:
    """ArgumentError for a name that says no format: before anything is read."""
    if path.suffix.lower() not in FORMATS:
        said = f"{path.suffix!r} is no format of a list" if path.suffix else "its name says no format"
        raise ArgumentError(f"{path}: {said}", todo=f"End its name with one of {', '.join(FORMATS)}.")


def write(listing: Listing, path: Path, language: str) -> int:
    """Write the list in ``fr`` or ``en``; how many rows. It is there as a whole, or not at all.

    Raises ArgumentError for an unknown format or more rows than it holds, OSError.
    """
    refuse_unknown(path)
    form = import_module(f"{__name__}.{FORMATS[path.suffix.lower()]}")
    rows: int = form.write(listing, path, Reader(language, listing.zone))
    return rows
