"""Courses that no method leads into."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from greffe.listing import Column, Kind, Listing
from greffe.moodle.database import Database
from greffe.view.columns import Row
from greffe.view.courses import category_paths
from greffe.view.paging import ids, pages
from greffe.view.site import site_name, site_zone

COLUMNS = (
    Column("course"),
    Column("shortname"),
    Column("idnumber"),
    Column("category"),
    Column("visible", Kind.WORD),
    Column("why", Kind.WORD),
    Column("methods", Kind.WORDS),
    Column("people", Kind.NUMBER),
)


def courses_without_method(db: Database, plugins: Sequence[str], now: int) -> Listing:
    """Courses without any method that is switched on and whose plugin is; ``plugins``: those that are on."""
    name = site_name(db)
    return Listing("no-method", name, name, now, COLUMNS, _rows(db, plugins), zone=site_zone(db))


def _rows(db: Database, plugins: Sequence[str]) -> Iterator[Row]:
    categories = category_paths(db)
    # a list must hold something
    for courses in pages(ids(db, "courses_without_method", plugins=list(plugins) or [""])):
        named = {int(row[0]): row for row in db.query("courses_named", courses=courses)}
        people = {int(c): int(n) for c, n in db.query("enrolled_in_courses", courses=courses)}
        methods: dict[int, list[tuple[str, bool]]] = {}
        for course, method, status in db.query("methods_as_switched", courses=courses):
            methods.setdefault(int(course), []).append((str(method), status == 0))
        for course in courses:
            _, fullname, shortname, idnumber, category, visible = named[course]
            mine = methods.get(course, [])
            yield (
                str(fullname),
                str(shortname),
                str(idnumber or ""),
                categories.get(int(category), ""),
                "yes" if visible else "no",
                _why(mine),
                tuple(dict.fromkeys(method for method, _ in mine)),
                people.get(course, 0),
            )


def _why(methods: list[tuple[str, bool]]) -> str:
    """What there is to mend: the nearest thing first."""
    if not methods:
        return "none"
    return "plugin-off" if any(on for _, on in methods) else "off"
