"""How lists that name several courses call each, and where it stands."""

from __future__ import annotations

from greffe.moodle.database import Database


def course_titled(fullname: str, shortname: str) -> str:
    """A course as lists that name several call it."""
    return fullname if fullname == shortname else f"{fullname} ({shortname})"


def category_paths(db: Database) -> dict[int, str]:
    """Course category → where it stands: ``Law / Bachelor / Year 1``."""
    rows = [(int(i), str(name), str(path)) for i, _, name, path, _ in db.query("categories_named")]
    names = {i: name for i, name, _ in rows}
    return {
        i: " / ".join(names[int(part)] for part in path.split("/") if part and int(part) in names)
        for i, _, path in rows
    }
