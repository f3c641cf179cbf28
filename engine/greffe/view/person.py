"""The courses of one person, and the students of one course: the participants, looked at from two sides."""

from __future__ import annotations

from collections.abc import Iterator

from greffe.listing import Column, Listing
from greffe.moodle.database import Database
from greffe.view.columns import Row, chosen
from greffe.view.courses import category_paths
from greffe.view.participants import Participants

_IN_COURSE, _in_course = chosen("method", "roles", "groups", "status", "start", "end", "last_access")
COURSES = (Column("course"), Column("shortname"), Column("category"), *_IN_COURSE)
STUDENTS, _of_student = chosen(
    "lastname", "firstname", "idnumber", "email", "groups", "status", "method", "last_access"
)


def students(participants: Participants) -> Listing:
    """The participants, by what one wants to know of students."""
    found = participants.listing()
    found.name, found.columns, found.rows = "students", STUDENTS, map(_of_student, found.rows)
    found.asked = {}  # its title says it
    return found


def courses_of(db: Database, person: int, participants: Participants) -> Listing:
    """What somebody is enrolled in; ``participants``: those of his courses."""
    ((_, lastname, firstname, idnumber, _),) = db.query("people_named", people=[person])
    found = participants.listing()
    found.name, found.columns, found.rows = "courses", COURSES, _rows(db, person, participants)
    found.alike, found.asked = frozenset(), {}
    found.about = f"{firstname} {lastname}" + (f" ({idnumber})" if idnumber else "")
    return found


def _rows(db: Database, person: int, participants: Participants) -> Iterator[Row]:
    categories = category_paths(db)
    for place in participants.places():
        named = db.query("courses_named", courses=[place.course.id])
        if not named:  # deleted since it was looked up
            continue
        _, fullname, shortname, _, category, _ = named[0]
        for row in participants.page(place, [person]):
            yield (str(fullname), str(shortname), categories.get(int(category), ""), *_in_course(row))
