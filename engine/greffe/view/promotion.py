"""A cohort beside courses: who is in the one and not, or not actively, in the other."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from greffe.listing import Column, Kind, Listing, Tally
from greffe.methods.members import CohortRow
from greffe.moodle.database import Database
from greffe.view.cohort import called
from greffe.view.columns import Row, chosen
from greffe.view.courses import course_titled
from greffe.view.paging import ids, pages
from greffe.view.participants import Participants
from greffe.view.place import Place

_IN_COURSE, _in_course = chosen("lastname", "firstname", "idnumber", "email", "roles", "status", "method")
BESIDE = (Column("course"), Column("where", Kind.WORD), *_IN_COURSE)


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
