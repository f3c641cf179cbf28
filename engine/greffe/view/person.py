"""The courses of one person."""

from __future__ import annotations

from collections.abc import Iterator

from greffe.listing import Column, Kind, Listing
from greffe.moodle.database import Database
from greffe.view.named import ROLES, STANDING, Row, category_paths, gathered, role_name
from greffe.view.site import site_name, site_zone

COLUMNS = (
    Column("course"),
    Column("shortname"),
    Column("category"),
    Column("method", Kind.WORD),
    ROLES,
    Column("groups", Kind.TEXTS),
    Column("status", Kind.WORD),
    Column("start", Kind.MOMENT),
    Column("end", Kind.MOMENT),
    Column("lastaccess", Kind.MOMENT),
)
"""One row for each enrolment: who is in a course by two methods has two."""


def courses_of(db: Database, person: int, now: int) -> Listing:
    """What somebody is enrolled in, in the site's own order of its courses; ``now`` decides what is current."""
    ((_, lastname, firstname, idnumber, _),) = db.query("people_named", people=[person])
    about = f"{firstname} {lastname}" + (f" ({idnumber})" if idnumber else "")
    return Listing("courses", about, site_name(db), now, COLUMNS, _rows(db, person, now), zone=site_zone(db))


def _rows(db: Database, person: int, now: int) -> Iterator[Row]:
    enrolments = db.query("enrolments_of_person", person=person, now=now)
    above = {int(e[0]): [int(c) for c in str(e[4]).split("/") if c] for e in enrolments}
    called = {
        (int(context), int(role)): str(name)
        for context, role, name in (
            db.query("role_names_of_courses", contexts=sorted({c[-1] for c in above.values()}))
            if above
            else ()
        )
    }
    held = db.query("roles_held_by_person", person=person)
    groups = gathered(db.query("groups_of_person", person=person))
    categories = category_paths(db)
    for course, name, shortname, category, _path, method, standing, start, end, access in enrolments:
        contexts = above[int(course)]
        roles = dict.fromkeys(
            role_name(called.get((contexts[-1], int(role))), own, short)
            for context, role, short, own in held
            if int(context) in contexts
        )
        yield (
            str(name),
            str(shortname),
            categories.get(int(category), ""),
            str(method),
            tuple(roles),
            groups.get(int(course), ()),
            STANDING[int(standing)],
            int(start),
            int(end),
            int(access),
        )
