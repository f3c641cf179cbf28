"""A list in the form that people ask for: the end of the file's name says which."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from greffe.errors import ArgumentError
from greffe.listing import Listing
from greffe.report.lists import csvfile, jsonfile, opendocument, page, workbook
from greffe.report.lists.reader import Reader

FORMATS: dict[str, Callable[[Listing, Path, Reader], int]] = {
    ".csv": csvfile.write,
    ".html": page.write,
    ".json": jsonfile.write,
    ".ods": opendocument.write,
    ".xlsx": workbook.write,
}
"""End of a name → writes a list as such a file, readable by its owner only; how many rows. Each raises OSError."""


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
    return FORMATS[path.suffix.lower()](listing, path, Reader(language, listing.zone))
