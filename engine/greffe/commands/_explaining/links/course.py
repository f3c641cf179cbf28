"""Whether the code of a registration is a course, and rules may fill it."""

from __future__ import annotations

from collections.abc import Sequence

from greffe.commands._explaining.known import Known
from greffe.commands._explaining.lines import Lead
from greffe.commands._explaining.step import step
from greffe.view.chain import Cause, Link, Step

_BLOCKED: dict[Cause, tuple[str, str]] = {
    Cause.UNKNOWN_COURSE: (
        "no course of the site has {code!r}",
        "Give a course the idnumber (or what the rule finds it by) {code}; or have the code corrected.",
    ),
    Cause.AMBIGUOUS_COURSE: (
        "several courses have {code!r}",
        "Leave it to one of them, in Moodle's course settings.",
    ),
    Cause.HIDDEN_COURSE: (
        "{name} is hidden, and its rule skips hidden courses",
        'Show the course in Moodle; or give its rule hidden_courses = "enrol".',
    ),
}
"""Why a line leads into no course → that in words, and what would mend it."""


def course_link(known: Known, course: int, leads: Sequence[Lead], name: str) -> Step:
    """``course``: 0 where the code is none's; ``name``: of the course, or that code."""
    row = ("course", course) if course else ("", 0)
    blocked = [(led.cause, led.said) for _, led in leads if led.cause is not None and led.cause in _BLOCKED]
    if blocked and len(blocked) == len(leads):
        cause, code = blocked[0]
        what, todo = (words.format(code=code, name=name) for words in _BLOCKED[cause])
        return step(Link.COURSE, what, *row, cause=cause, todo=todo)
    hidden = "" if known.catalogue.courses[course].visible else ", hidden from students"
    return step(Link.COURSE, f"{name}{hidden}", *row)
