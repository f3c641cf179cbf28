"""What lists say of people, courses and roles, read page by page."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from greffe.listing import Cell, Column, Kind
from greffe.moodle.database import Database

PAGE = 500
"""People, or courses, of whom all is read at once."""
PERSON = (Column("lastname"), Column("firstname"), Column("idnumber"), Column("email"))
"""Who somebody is."""
STANDING = ("active", "not-current", "suspended")
"""As the statements number it (moodle-writes §9)."""
ROLES = Column("roles", Kind.WORDS)
"""Names that the course or the site gave them; where nobody did, the shortname, which is a word."""

Row = tuple[Cell, ...]


def ids(db: Database, name: str, **values: Any) -> Sequence[int]:
    """What a statement finds, packed: a list of 50,000 people begins with 50,000 numbers."""
    return array("q", (int(row[0]) for row in db.query(name, **values)))


def pages(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Some at a time, in their order."""
    for start in range(0, len(ids), PAGE):
        yield ids[start : start + PAGE]


def people_rows(
    db: Database, ids: Sequence[int], more: Callable[[Sequence[int]], Callable[[int], Row]]
) -> Iterator[Row]:
    """For each of these people who he is, then ``more``: given a page, it tells what else stands in somebody's row."""
    for page in pages(ids):
        named = {int(i): tuple(map(str, who)) for i, *who in db.query("people_named", people=list(page))}
        beside = more(page)
        for person in page:
            yield (*named[person], *beside(person))


def gathered(pairs: Iterable[tuple[int, str]]) -> dict[int, tuple[str, ...]]:
    """Key → its texts, in the order in which they come, each once."""
    found: dict[int, dict[str, None]] = {}
    for key, text in pairs:
        found.setdefault(int(key), {})[str(text)] = None
    return {key: tuple(texts) for key, texts in found.items()}


def role_name(given: str | None, own: str, shortname: str) -> str:
    """What a role is called in a course."""
    return given or own or shortname


def category_paths(db: Database) -> dict[int, str]:
    """Course category → where it stands: ``Law / Bachelor / Year 1``."""
    rows = [(int(i), str(name), str(path)) for i, _, name, path, _ in db.query("categories_named")]
    names = {i: name for i, name, _ in rows}
    return {
        i: " / ".join(names[int(part)] for part in path.split("/") if part and int(part) in names)
        for i, _, path in rows
    }
