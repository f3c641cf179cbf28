"""Where the statements are: everything that Greffe sends to a database stands in files."""

from __future__ import annotations

from pathlib import Path


def sql_root() -> Path:
    """The directory ``sql/``: beside the package in an installed wheel, at the top of a checkout."""
    package = Path(__file__).parent
    installed = package / "sql"
    return installed if installed.is_dir() else package.parent.parent / "sql"
