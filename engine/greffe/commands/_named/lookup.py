"""A course, a cohort or a person as an operator names them on the command line."""

from __future__ import annotations

from greffe.apply.schema import has_tables
from greffe.errors import ArgumentError
from greffe.moodle.catalogue import Catalogue
from greffe.moodle.cohorts import CohortReader
from greffe.moodle.database import Database
from greffe.plan.plan import Plan

_SPELLING = "Look at the spelling, or give the id that Moodle shows in the address of the page."

_LARGEST = (1 << 63) - 1
"""What Moodle's ids can come to."""


def as_id(text: str) -> int:
    """The id that somebody typed; 0: it is none, or larger than any table's."""
    short = text.isascii() and text.isdigit() and len(text) <= len(str(_LARGEST))
    return int(text) if short and int(text) <= _LARGEST else 0


def course_id(catalogue: Catalogue, text: str) -> int:
    """By shortname, idnumber or id; ArgumentError where there is none, or more than one."""
    for field in ("shortname", "idnumber", "id"):
        by, shared = catalogue.courses_by(field)
        if text in shared:
            raise ArgumentError(
                f"several courses have the {field} {text!r}; name it by its id", todo="Give its id."
            )
        if text in by:
            return by[text]
    raise ArgumentError(f"there is no course with the shortname, idnumber or id {text!r}", todo=_SPELLING)


def cohort_id(db: Database, text: str) -> int:
    """By idnumber or id; a cohort that Greffe made is found although it is gone."""
    named = text.strip()  # nothing is no name, although cohorts have it
    found = {i for i, _ in CohortReader(db).alike([text])} if named else set[int]()
    if named and not found and has_tables(db):
        found = {int(r[0]) for r in db.query("known_cohorts", idnumber=text)}
    if not found and (number := as_id(text)):
        found = {number}
    if not found:
        raise ArgumentError(f"there is no cohort with the idnumber or id {text!r}", todo=_SPELLING)
    if len(found) > 1:
        ids = ", ".join(map(str, sorted(found)))
        raise ArgumentError(f"several cohorts have the idnumber {text!r}: {ids}", todo="Give its id.")
    return found.pop()


def cohort_name(db: Database, plan: Plan, text: str) -> str:
    """The idnumber of a cohort that the plan or Moodle has."""
    planned = any(c.idnumber == text for c in plan.cohorts)
    if not text.strip() or not (planned or CohortReader(db).alike([text])):
        raise ArgumentError(
            f"there is no cohort with the idnumber {text!r}, and none is planned", todo=_SPELLING
        )
    return text


def people_named(catalogue: Catalogue, text: str) -> list[int]:
    """By idnumber, username or id: one account, all that answer to it where it is ambiguous, or none."""
    several: list[int] = []
    for field in ("idnumber", "username"):
        found = catalogue.called(field, text)
        if len(found) == 1:
            return found
        several = several or found
    number = as_id(text)
    # 007 is no id, though it may be somebody's number
    return [number] if number and text == str(number) and catalogue.is_person(number) else several


def nobody(text: str) -> ArgumentError:
    """Neither Moodle nor a feed knows him."""
    return ArgumentError(f"there is nobody with the idnumber, username or id {text!r}", todo=_SPELLING)


def person_id(db: Database, catalogue: Catalogue, text: str) -> int:
    """By idnumber, username or id. ArgumentError where nobody has it, several people have it, or a feed names somebody whom Moodle
    has no account for."""
    found = people_named(catalogue, text)
    if len(found) == 1:
        return found[0]
    if found:
        raise ArgumentError(
            f"several people answer to {text!r}: {', '.join(f'id {i}' for i in found)}",
            todo="Give the id of the one that is meant.",
        )
    if has_tables(db) and (feeds := [str(r[0]) for r in db.query("feeds_that_wait_for", person=text)]):
        raise ArgumentError(
            f"Moodle has no account for {text!r}, whom the feed {' and the feed '.join(feeds)} names: a night enrols whoever has one",
            todo=f"`greffe why {text!r}` tells more; the account comes from whatever makes accounts on this site.",
        )
    raise nobody(text)
