"""Whether he is active in the course whose people a method takes along."""

from __future__ import annotations

from greffe.commands._explaining.known import Known
from greffe.commands._explaining.outlook import Prospect
from greffe.commands._explaining.step import missing, step
from greffe.view.chain import Cause, Link, Stand, Step


def parent_link(known: Known, course: int, there: Stand | None, coming: Prospect | None) -> Step:
    """``course``: the parent; ``there``: how he stands in it, None: not at all; ``coming``: what a night would do in the child."""
    name = known.course_name(course)
    if course not in known.catalogue.courses:
        todo = "Delete the meta link in Moodle, or link another course."
        return step(Link.PARENT, name, cause=Cause.NO_PARENT, todo=todo)
    if there is None:
        todo = f"See `greffe why-not` for {name}: who is there comes along."
        return missing(Link.PARENT, f"not in {name}", coming, Cause.NOT_IN_PARENT, todo)
    if there is not Stand.ACTIVE:
        what = f"{there.value} in {name}, and therefore here"
        todo = f"See `greffe why` for {name}: what is mended there comes along."
        return step(Link.PARENT, what, cause=Cause.NOT_ACTIVE_IN_PARENT, todo=todo)
    return step(Link.PARENT, f"active in {name}", "course", course)
