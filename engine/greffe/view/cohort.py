"""The members of a cohort, with the courses that it opens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from greffe.listing import Column, Kind, Listing
from greffe.methods.cohort import METHOD
from greffe.methods.members import CohortRow
from greffe.moodle.database import Database
from greffe.view.columns import Row, chosen
from greffe.view.paging import ids, pages
from greffe.view.site import site_name, site_zone

_PERSON, _ = chosen("lastname", "firstname", "idnumber", "email")
MEMBERS = (
    *_PERSON,
    Column("joined", Kind.MOMENT),
    Column("courses", Kind.NUMBER),
    Column("missing", Kind.TEXTS),
)


def called(cohort: CohortRow) -> str:
    """What a list of it is about."""
    return f"{cohort.name} ({cohort.idnumber})" if cohort.idnumber else cohort.name


def members(db: Database, cohort: CohortRow, plugins: Sequence[str], now: int) -> Listing:
    """Everybody in it: since when, how many of the courses that it opens let him in, and which do not. A note names them all.

    ``plugins``: the methods that the site has switched on.
    """
    opened: dict[int, str] = {}
    closed = 0
    for enrol, status, _, shortname in db.query("courses_of_cohort", cohort=cohort.id):
        if METHOD in plugins and status == 0:
            opened[int(enrol)] = str(shortname)
        else:
            closed += 1
    courses = list(dict.fromkeys(opened.values()))
    notes = [f"opens {len(courses)}: {', '.join(courses)}" if courses else "opens-none"]
    notes += [f"switched-off {closed}"] if closed else []
    rows = _members(db, cohort.id, opened)
    return Listing("cohort", called(cohort), site_name(db), now, MEMBERS, rows, notes, site_zone(db))


def _members(db: Database, cohort: int, opened: dict[int, str]) -> Iterator[Row]:
    """``opened``: cohort method → its course."""
    courses = list(dict.fromkeys(opened.values()))
    for people in pages(ids(db, "cohort_people_in_order", cohort=cohort)):
        named = {int(i): tuple(map(str, who)) for i, *who in db.query("people_named", people=people)}
        since = {int(p): int(t) for p, t in db.query("cohort_people_since", cohort=cohort, people=people)}
        inside = {
            (int(person), opened[int(enrol)])
            for person, enrol in (
                db.query("people_of_methods", enrols=list(opened), people=people) if opened else ()
            )
        }
        for person in people:
            yield (
                *named[person],
                since[person],
                sum((person, c) in inside for c in courses),
                tuple(c for c in courses if (person, c) not in inside),
            )
