"""Where a command is going to write: looked at before it does anything, so that no list is lost and no report comes too late."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile

from greffe.config import Config
from greffe.errors import ArgumentError
from greffe.privatefile import refuse_special

_REPORTS = (".csv", ".html")
_WORKBOOKS = (".xlsx", ".xls", ".ods")


def site_files(config: Config) -> dict[str, Path]:
    """What the site cannot do without: what it is → its path."""
    files = {"the configuration": config.path, "Moodle's config.php": config.moodle.config_php}
    if config.moodle.password is not None:
        files["the database password"] = config.moodle.password.file
    files |= {f"the feed {name}": feed.file for name, feed in config.feed.items()}
    return {what: Path(path) for what, path in files.items() if path}


def look_at_outputs(taken: Mapping[str, Path], outputs: Mapping[str, Path | None]) -> None:
    """Raise ArgumentError where an output would replace one of the files that are ``taken`` (what it is → its path), where two
    outputs are one file, where it is no ordinary file, where its directory cannot be written to, and where a report is neither
    CSV nor HTML, or refused lines a workbook.

    ``outputs``: option → path; None where it was not given.
    """
    there = {what: path for what, path in taken.items() if path.exists()}
    seen: dict[Path, str] = {}
    for option, path in outputs.items():
        if path is None:
            continue
        if option == "--report" and path.suffix.lower() not in _REPORTS:
            raise ArgumentError(f"{path}: a report is a .csv or an .html", todo="Give --report people.html.")
        if option == "--refused" and path.suffix.lower() in _WORKBOOKS:
            raise ArgumentError(
                f"{path}: refused lines are written as CSV, which spreadsheets open too",
                todo="Give --refused again.csv.",
            )
        for what, other in there.items():
            if path.exists() and path.samefile(other):
                raise ArgumentError(f"{option} {path}: is {what}", todo=f"Name another file with {option}.")
        try:
            refuse_special(path)
        except OSError as e:
            raise ArgumentError(
                f"{option} {path}: {e.strerror}", todo=f"Name another file with {option}."
            ) from e
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
