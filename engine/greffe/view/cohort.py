"""The members of a cohort, with the courses that it opens; and a cohort beside courses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from greffe.listing import Column, Kind, Listing
from greffe.methods.members import CohortRow
from greffe.moodle.database import Database
from greffe.view.named import Row, chosen, ids, pages
from greffe.view.participants import Participants
from greffe.view.site import site_name, site_zone

METHOD = "cohort"
_PERSON = tuple(Column(key) for key in ("lastname", "firstname", "idnumber", "email"))
MEMBERS = (
    *_PERSON,
    Column("joined", Kind.MOMENT),
    Column("courses", Kind.TEXTS),
    Column("missing", Kind.TEXTS),
)
_IN_COURSE, _in_course = chosen("lastname", "firstname", "idnumber", "email", "roles", "status", "method")
BESIDE = (Column("course"), Column("where", Kind.WORD), *_IN_COURSE)


def called(cohort: CohortRow) -> str:
    """What a list of it is about."""
    return f"{cohort.name} ({cohort.idnumber})" if cohort.idnumber else cohort.name


def members(db: Database, cohort: CohortRow, plugins: Sequence[str], now: int) -> Listing:
    """Everybody in it: since when, which of the courses that it opens let him in, and which do not.

    ``plugins``: the methods that the site has switched on.
    """
    opened: dict[int, str] = {}
    closed = 0
    for enrol, status, _, shortname in db.query("courses_of_cohort", cohort=cohort.id):
        if METHOD in plugins and status == 0:
            opened[int(enrol)] = str(shortname)
        else:
            closed += 1
    notes = [f"opens {len(set(opened.values()))}" if opened else "opens-none"]
    notes += [f"switched-off {closed}"] if closed else []
    rows = _members(db, cohort.id, opened)
    return Listing("cohort", called(cohort), site_name(db), now, MEMBERS, rows, notes, site_zone(db))


def _members(db: Database, cohort: int, opened: dict[int, str]) -> Iterator[Row]:
    for people in pages(ids(db, "cohort_people_in_order", cohort=cohort)):
        named = {int(i): tuple(map(str, who)) for i, *who in db.query("people_named", people=people)}
        since = {int(p): int(t) for p, t in db.query("cohort_people_since", cohort=cohort, people=people)}
        inside = {
            (int(person), opened[int(enrol)])
            for person, enrol in (
                db.query("people_of_methods", enrols=list(opened), people=people) if opened else ()
            )
        }
        courses = list(dict.fromkeys(opened.values()))
        for person in people:
            yield (
                *named[person],
                since[person],
                tuple(c for c in courses if (person, c) in inside),
                tuple(c for c in courses if (person, c) not in inside),
            )


def beside(db: Database, cohort: CohortRow, participants: Participants) -> Listing:
    """Who is in the cohort and not, or not actively, in each of the courses, and who is in them and not in the cohort."""
    found = participants.listing()
    found.name, found.columns, found.about = "promotion", BESIDE, called(cohort)
    found.rows = _beside(db, cohort.id, participants, found.made)
    return found


def _beside(db: Database, cohort: int, participants: Participants, now: int) -> Iterator[Row]:
    for place in participants.places():
        course = place.course.id
        named = db.query("courses_named", courses=[course])
        if not named:  # deleted since it was looked up
            continue
        _, fullname, shortname, *_ = named[0]
        for where, people in (
            ("cohort-only", ids(db, "cohort_not_in_course", cohort=cohort, course=course)),
            ("not-active", ids(db, "cohort_idle_in_course", cohort=cohort, course=course, now=now)),
            ("course-only", ids(db, "course_not_in_cohort", cohort=cohort, course=course)),
        ):
            for page in pages(people):
                for row in participants.page(place, page):
                    yield (f"{fullname} ({shortname})", where, *_in_course(row))
