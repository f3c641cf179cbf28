"""Where a command is going to write: looked at before it does anything, so that no list is lost and no report comes too late."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile

from greffe.errors import ArgumentError

_REPORTS = (".csv", ".html")


def look_at_outputs(taken: Mapping[str, Path], outputs: Mapping[str, Path | None]) -> None:
    """Raise ArgumentError where an output would replace one of the files that are ``taken`` (what it is → its path), where two
    outputs are one file, where its directory cannot be written to, and where a report is neither CSV nor HTML.

    ``outputs``: option → path; None where it was not given.
    """
    there = {what: path for what, path in taken.items() if path.exists()}
    seen: dict[Path, str] = {}
    for option, path in outputs.items():
        if path is None:
            continue
        if option == "--report" and path.suffix.lower() not in _REPORTS:
            raise ArgumentError(f"{path}: a report is a .csv or an .html", todo="Give --report people.html.")
        for what, other in there.items():
            if path.exists() and path.samefile(other):
                raise ArgumentError(f"{option} {path}: is {what}", todo=f"Name another file with {option}.")
        whole = path.resolve()
        if whole in seen:
            raise ArgumentError(
                f"{option} and {seen[whole]} name the same file: {path}",
                todo=f"Name another file with {option}.",
            )
        seen[whole] = option
        if whole.is_dir() or not _takes_files(whole.parent):
            raise ArgumentError(
                f"{option} {path}: cannot be written there",
                todo="Name a file in a directory that you can write to.",
            )


def _takes_files(directory: Path) -> bool:
    """Tried, not asked: root may write everywhere, and yet nobody makes a file in /proc."""
    try:
        with TemporaryFile(dir=directory):
            return True
    except OSError:
        return False


def beside(refused: Path | None) -> Path | None:
    """The file of reasons that may be written beside one of refused lines."""
    return None if refused is None else refused.with_name(f"{refused.stem}.reasons.csv")
