"""A course or a person as an operator names them on the command line."""

from __future__ import annotations

from greffe.errors import ConfigError
from greffe.moodle.catalogue import Catalogue


def course_id(catalogue: Catalogue, text: str) -> int:
    """By shortname, idnumber or id; ConfigError where there is none, or more than one."""
    for field in ("shortname", "idnumber", "id"):
        by, shared = catalogue.courses_by(field)
        if text in shared:
            raise ConfigError(f"several courses have the {field} {text!r}; name it by its id")
        if text in by:
            return by[text]
    raise ConfigError(f"there is no course with the shortname, idnumber or id {text!r}")


def person_id(catalogue: Catalogue, text: str) -> int:
    """By idnumber, username or id."""
    for field in ("idnumber", "username", "id"):
        found = catalogue.people(field).get(text)
        if found is not None and found not in catalogue.ambiguous(field):
            return found
    raise ConfigError(f"there is nobody (or more than one person) with the idnumber, username or id {text!r}")
