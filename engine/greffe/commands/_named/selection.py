"""Which courses a command means: those that are named, or all of a category and of those below it."""

from __future__ import annotations

from collections.abc import Sequence

from greffe.commands._named.categories import Categories
from greffe.commands._named.lookup import course_id
from greffe.commands._session import Session
from greffe.errors import ArgumentError

_NAMED = 20
"""Categories that a sentence lists."""


def selected(session: Session, courses: Sequence[str], categories: Sequence[str]) -> list[int]:
    """Ids of the courses that are meant, ascending. Raises ArgumentError where a name leads to nothing or to several, and where
    none is given."""
    if not (courses or categories):
        raise ArgumentError("no course is named", todo="Name courses, or a category with --category.")
    found = {course_id(session.catalogue, text) for text in courses}
    known = Categories(session.db)
    for text in categories:
        category = known.find(text)
        if isinstance(category, str):
            names = known.names()
            more = f" … ({len(names)} in all)" if len(names) > _NAMED else ""
            raise ArgumentError(
                f"--category {text!r}: {category}",
                todo=f"Give its id, as the address of its page has it, or one of: {'; '.join(names[:_NAMED])}{more}.",
            )
        rows = session.db.query("courses_of_category", path=category.path, below=f"{category.path}/%")
        found |= {int(r[0]) for r in rows}
    return sorted(found & session.catalogue.courses.keys())
