"""The lists that people ask for most; each is to be read while its block lasts, from one state of the site.

``language``: ``fr`` or ``en``, of what Moodle itself would name (methods, roles).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from greffe.apply.schema import has_tables
from greffe.commands._named.lookup import cohort_id, course_id, person_id
from greffe.commands._session import Session, open_site
from greffe.config import Config
from greffe.errors import ArgumentError
from greffe.listing import Listing
from greffe.methods.members import CohortRow
from greffe.moodle.cohorts import CohortReader
from greffe.view.asked import Asked
from greffe.view.closed import courses_without_method
from greffe.view.cohort import members
from greffe.view.paging import ids
from greffe.view.participants import Participants
from greffe.view.person import courses_of
from greffe.view.person import students as of_students
from greffe.view.promotion import beside


@contextmanager
def students(config: Config, course: str, language: str) -> Iterator[Listing]:
    """Who is in a course (shortname, idnumber or id) as a student, by whatever role of that kind the site has.

    Raises ArgumentError where there is no such course.
    """
    with open_site(config) as session:
        chosen = session.catalogue.courses[course_id(session.catalogue, course)]
        roles = tuple(str(row[0]) for row in session.db.query("roles_of_archetype", archetype="student"))
        found = _participants(session, [chosen.id], Asked(roles=roles, language=language))
        yield of_students(found)


@contextmanager
def courses(config: Config, person: str, language: str) -> Iterator[Listing]:
    """What somebody (idnumber, username or id) is enrolled in. Raises ArgumentError where there is nobody."""
    with open_site(config) as session:
        who = person_id(session.db, session.catalogue, person)
        found = _participants(
            session, ids(session.db, "courses_of_person", person=who), Asked(language=language)
        )
        with session.db.transaction(snapshot=True):
            yield courses_of(session.db, who, found)


@contextmanager
def cohort(config: Config, name: str) -> Iterator[Listing]:
    """The members of a cohort (idnumber or id), with the courses that it opens. Raises ArgumentError where there is none."""
    with open_site(config) as session:
        found = _cohort(session, name)
        with session.db.transaction(snapshot=True):
            yield members(session.db, found, session.catalogue.plugins_enabled, session.now())


@contextmanager
def no_method(config: Config) -> Iterator[Listing]:
    """Courses that no method leads into, and why."""
    with open_site(config) as session, session.db.transaction(snapshot=True):
        yield courses_without_method(session.db, session.catalogue.plugins_enabled, session.now())


@contextmanager
def promotion(config: Config, name: str, names: Sequence[str], language: str) -> Iterator[Listing]:
    """A cohort beside courses (shortname, idnumber or id); without any: those that it opens, and of whom other cohorts bring into
    them only the number.

    Raises ArgumentError where the cohort or a course is not there, or no course is named and it opens none.
    """
    with open_site(config) as session:
        found = _cohort(session, name)
        chosen = dict.fromkeys(_beside_cohort(session, text) for text in names)
        if not names:
            rows = session.db.query("courses_of_cohort", cohort=found.id)
            chosen = dict.fromkeys(int(row[2]) for row in rows)
        if not chosen:
            raise ArgumentError(
                f"the cohort {name!r} opens no course",
                todo="Name the courses that it is to be compared with.",
            )
        participants = _participants(session, chosen, Asked(language=language))
        with session.db.transaction(snapshot=True):
            yield beside(session.db, found, participants, others=bool(names))


def _participants(session: Session, courses: Iterable[int], asked: Asked) -> Participants:
    # a course that has no context opens for nobody, and Moodle has no page of its participants either
    known = session.catalogue.courses
    there = [known[c] for c in courses if c in known]
    return Participants(session.db, there, asked, journal=has_tables(session.db))


def _beside_cohort(session: Session, text: str) -> int:
    try:
        return course_id(session.catalogue, text)
    except ArgumentError:
        if text.strip() and CohortReader(session.db).alike([text]):
            raise ArgumentError(
                f"{text!r} is a cohort, and what a cohort is compared with is courses",
                todo=f"Name courses, or none for all that it opens; `greffe list cohort {text}` lists its members.",
            ) from None
        raise


def _cohort(session: Session, text: str) -> CohortRow:
    known = cohort_id(session.db, text)
    found = CohortReader(session.db).by_id([known])
    if not found:
        raise ArgumentError(
            f"there is no cohort {text!r}, or no longer",
            todo="Look at the spelling; where Greffe deleted it, `greffe history --cohort` tells when.",
        )
    return found[known]
