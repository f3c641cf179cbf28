"""The members of a cohort, with the courses that it opens; and a cohort beside courses."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from greffe.listing import Column, Kind, Listing, Tally
from greffe.methods.members import CohortRow
from greffe.moodle.database import Database
from greffe.view.named import Row, chosen, course_titled, ids, pages
from greffe.view.participants import Participants
from greffe.view.place import Place
from greffe.view.site import site_name, site_zone

METHOD = "cohort"
_PERSON = tuple(Column(key) for key in ("lastname", "firstname", "idnumber", "email"))
MEMBERS = (
    *_PERSON,
    Column("joined", Kind.MOMENT),
    Column("courses", Kind.NUMBER),
    Column("missing", Kind.TEXTS),
)
_IN_COURSE, _in_course = chosen("lastname", "firstname", "idnumber", "email", "roles", "status", "method")
BESIDE = (Column("course"), Column("where", Kind.WORD), *_IN_COURSE)


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
                sum((person, c) in inside for c in courses),
                tuple(c for c in courses if (person, c) not in inside),
            )


def beside(db: Database, cohort: CohortRow, participants: Participants, *, others: bool) -> Listing:
    """Who is in the cohort and not, or not actively, in each of the courses, and who is in them and not in the cohort; first how
    many of each.

    ``others``: whom another cohort brings into a course is listed as well, not only counted.
    """
    found = participants.listing()
    found.name, found.columns, found.about, found.asked = "promotion", BESIDE, called(cohort), {}
    differing = [
        _Differing(place, course_titled(str(named[0][1]), str(named[0][2])), where, people)
        for place in participants.places()
        if (
            named := db.query("courses_named", courses=[place.course.id])
        )  # else deleted since it was looked up
        for where, people in _people(db, cohort.id, place.course.id, found.made, others=others)
    ]
    found.tally = tuple(Tally(d.course, "where", d.where, len(d.people)) for d in differing if d.people)
    courses = len({d.place.course.id for d in differing})
    found.notes += [] if found.tally else [f"agree {courses}"]
    if not others:
        brought = sum(
            int(db.value("brought_by_other_cohorts", cohort=cohort.id, course=d.place.course.id))
            for d in differing
            if d.where == "course-only"
        )
        found.notes += [f"by-others {brought}"] if brought else []
    found.alike = frozenset({"course"} if courses == 1 else ())
    found.rows = _beside(participants, differing)
    return found


@dataclass(frozen=True, slots=True)
class _Differing:
    """People of one course and one finding."""

    place: Place
    course: str
    where: str
    people: array[int]


def _people(
    db: Database, cohort: int, course: int, now: int, *, others: bool
) -> Iterator[tuple[str, array[int]]]:
    """Finding → people."""
    of = {"cohort": cohort, "course": course}
    yield "cohort-only", ids(db, "cohort_not_in_course", **of)
    yield "not-active", ids(db, "cohort_idle_in_course", now=now, **of)
    yield "course-only", ids(db, "course_not_in_cohort", others=int(others), **of)


def _beside(participants: Participants, differing: Sequence[_Differing]) -> Iterator[Row]:
    for found in differing:
        for page in pages(found.people):
            for row in participants.page(found.place, page):
                yield (found.course, found.where, *_in_course(row))
