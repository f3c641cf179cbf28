"""What a command wants of a file, and how the caller says that it is to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import StrEnum

from greffe.intake.lines import PersonKey


class Wants(StrEnum):
    """The kind of lines that a command can use."""

    PEOPLE = "people"
    """People in courses that the file names."""
    ONE_COURSE = "people of one course"
    """People in the course that the command names."""
    METHODS = "methods"
    COHORTS = "cohorts"
    MEMBERS = "members"


@dataclass(frozen=True, slots=True)
class Manner:
    """How the cells are to be understood where the file alone does not say."""

    where: str
    """The file, as errors name it."""
    today: int
    """The first second of today, in ``zone``."""
    zone: tzinfo | None = None
    """Of dates without an offset; None: the machine's own."""
    person_key: PersonKey | None = None
    """What people's texts must match, whatever the format says of it; None: as the format says."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Greffe's word for a column → the header that the file gives it."""
