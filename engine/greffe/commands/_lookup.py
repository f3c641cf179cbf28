"""A course or a person as an operator names them on the command line."""

from __future__ import annotations

from greffe.errors import ArgumentError
from greffe.moodle.catalogue import Catalogue

_SPELLING = "Look at the spelling, or give the id that Moodle shows in the address of the page."


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


def person_id(catalogue: Catalogue, text: str) -> int:
    """By idnumber, username or id."""
    for field in ("idnumber", "username", "id"):
        found = catalogue.people(field).get(text)
        if found is not None and found not in catalogue.ambiguous(field):
            return found
    raise ArgumentError(
        f"there is nobody (or more than one person) with the idnumber, username or id {text!r}",
        todo=_SPELLING,
    )
