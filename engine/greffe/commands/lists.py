"""The lists that people ask for most; each is to be read while its block lasts, from one state of the site."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from greffe.commands._lookup import cohort_id, course_id, person_id
from greffe.commands._session import Session, open_site
from greffe.config import Config
from greffe.errors import ArgumentError
from greffe.listing import Listing
from greffe.methods.members import CohortRow
from greffe.moodle.cohorts import CohortReader
from greffe.view import cohort as cohorts
from greffe.view.closed import courses_without_method
from greffe.view.person import courses_of


@contextmanager
def courses(config: Config, person: str) -> Iterator[Listing]:
    """What somebody (idnumber, username or id) is enrolled in. Raises ArgumentError where there is nobody."""
    with _reading(config) as session:
        yield courses_of(session.db, person_id(session.catalogue, person), session.now())


@contextmanager
def cohort(config: Config, name: str) -> Iterator[Listing]:
    """The members of a cohort (idnumber or id), with the courses that it opens. Raises ArgumentError where there is none."""
    with _reading(config) as session:
        found = _cohort(session, name)
        yield cohorts.members(session.db, found, session.catalogue.plugins_enabled, session.now())


@contextmanager
def no_method(config: Config) -> Iterator[Listing]:
    """Courses that no method leads into, and why."""
    with _reading(config) as session:
        yield courses_without_method(session.db, session.catalogue.plugins_enabled, session.now())


@contextmanager
def promotion(config: Config, name: str, names: Sequence[str] = ()) -> Iterator[Listing]:
    """A cohort beside courses (shortname, idnumber or id); without any: those that it opens.

    Raises ArgumentError where the cohort or a course is not there, or no course is named and it opens none.
    """
    with _reading(config) as session:
        found = _cohort(session, name)
        chosen = dict.fromkeys(course_id(session.catalogue, text) for text in names)
        if not names:
            chosen = dict.fromkeys(
                int(row[2]) for row in session.db.query("courses_of_cohort", cohort=found.id)
            )
        if not chosen:
            raise ArgumentError(
                f"the cohort {name!r} opens no course",
                todo="Name the courses that it is to be compared with.",
            )
        yield cohorts.beside(session.db, found, list(chosen), session.now())


@contextmanager
def _reading(config: Config) -> Iterator[Session]:
    with open_site(config) as session, session.db.transaction(snapshot=True):
        yield session


def _cohort(session: Session, text: str) -> CohortRow:
    known = cohort_id(session.db, text)
    found = CohortReader(session.db).by_id([known])
    if not found:
        raise ArgumentError(
            f"the cohort {text!r} is gone", todo="`greffe runs` and `greffe show` tell who deleted it."
        )
    return found[known]
