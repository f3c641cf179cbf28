"""``[[course]]``: registrations of a feed become enrolments."""

from __future__ import annotations

from typing import Literal

from greffe.config.amounts import Duration, seconds
from greffe.config.strict import Strict
from greffe.errors import ConfigError
from greffe.model import Leavers

CourseField = Literal["idnumber", "shortname", "id"]


class Purge(Strict, frozen=True, kw_only=True):
    """When leavers are unenrolled for good, and whether their grades may go with that."""

    after: Duration | None = None
    """How long a leaver has been suspended before; under ``leavers = "unenrol"`` always 0d."""
    with_grades: bool = False
    """Whether somebody is unenrolled who has grades in the course, which Moodle then deletes."""


class CourseRule(Strict, frozen=True, kw_only=True):
    """Registrations of a feed become enrolments of one method, with one role."""

    feed: str
    """Where its registrations come from."""
    method: Literal["database"] = "database"
    """Moodle's enrolment method."""
    course: str
    """Template over the feed's columns."""
    match: CourseField = "idnumber"
    """The field of the course that the template's result must equal."""
    role: str = "student"
    """Template; the shortname of a role."""
    default_role: str | None = None
    """The role where the template gives none that exists."""
    other_user: str | None = None
    """Template; where it gives anything but '' and 0, the person gets the role without being enrolled."""
    group: str | None = None
    """Template; the name of a group, created if missing; '' puts the person in none."""
    start: str | None = None
    """Template; from when: a date (2026-09-01) or seconds since 1970; '' or 0 means none."""
    end: str | None = None
    """Template; until when, likewise."""
    leavers: Leavers = Leavers.SUSPEND
    """What happens to whom the feed no longer names."""
    purge: Purge | None = None
    """When leavers are unenrolled for good; without it never."""
    hidden_courses: Literal["enrol", "skip"] = "enrol"
    """Whether people are enrolled in courses that are hidden, as Moodle's ``ignorehiddencourses``."""
    when: str | None = None
    """Expression over the feed's columns; rows for which it is false are not for this rule."""


def check_purge(at: str, rule: CourseRule) -> None:
    if rule.purge is None:
        return
    after = rule.purge.after
    if rule.leavers is Leavers.KEEP:
        raise ConfigError(f'{at}: purge needs leavers that are not kept: leavers = "suspend", or another')
    if rule.leavers is Leavers.UNENROL and after is not None and seconds(after):
        raise ConfigError(
            f'{at}: leavers = "unenrol" unenrols at once, so purge cannot wait',
            todo='Give leavers = "suspend" (or "suspend-no-roles") and keep after, or take after out.',
        )
    if rule.leavers is not Leavers.UNENROL and after is None:
        raise ConfigError(
            f"{at}: purge does not say when",
            todo='Give purge = { after = "90d" }: how long a leaver stays suspended before.',
        )
