"""Which courses a command means: those that are named, or all of a category and of those below it."""

from __future__ import annotations

from collections.abc import Sequence

from greffe.commands._lookup import course_id
from greffe.commands._session import Session
from greffe.errors import ArgumentError


def selected(session: Session, courses: Sequence[str], categories: Sequence[str]) -> list[int]:
    """Ids of the courses that are meant, ascending. Raises ArgumentError where a name leads to nothing or to several, and where
    none is given."""
    if not (courses or categories):
        raise ArgumentError("no course is named", todo="Name courses, or a category with --category.")
    found = {course_id(session.catalogue, text) for text in courses}
    tree = [
        (int(i), str(n or ""), str(name), str(path)) for i, n, name, path in session.db.query("category_tree")
    ]
    for text in categories:
        path = _path(tree, text)
        below = [i for i, _, _, p in tree if p == path or p.startswith(f"{path}/")]
        found |= {int(r[0]) for r in session.db.query("courses_of_categories", categories=below)}
    return sorted(found & session.catalogue.courses.keys())


def _path(tree: Sequence[tuple[int, str, str, str]], text: str) -> str:
    """By idnumber, name or id."""
    for column in (1, 2, 0):
        paths = [row[3] for row in tree if str(row[column]) == text]
        if len(paths) > 1:
            raise ArgumentError(
                f"{len(paths)} course categories are called {text!r}",
                todo="Give the id that Moodle shows in the address of the category's page.",
            )
        if paths:
            return paths[0]
    raise ArgumentError(
        f"there is no course category with the idnumber, name or id {text!r}", todo="Look at the spelling."
    )
