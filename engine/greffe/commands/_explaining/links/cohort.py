"""Whether a cohort is there, and he is in it."""

from __future__ import annotations

from greffe.commands._explaining.known import Known
from greffe.commands._explaining.outlook import LEFT_ALONE
from greffe.commands._explaining.step import missing, step
from greffe.model import Action
from greffe.view.chain import Cause, Link, Step
from greffe.view.standing import Cohort

_OBEY = "Do as it says; `greffe plan` shows whether it was enough."


def cohort_link(known: Known, found: Cohort | None, idnumber: str, run: int) -> Step:
    """``found``: None where there is none of this ``idnumber``; ``run``: by which it became Greffe's, or 0."""
    refused = known.refused(f"cohort {idnumber}")
    if found is None and refused:
        return step(Link.COHORT, refused, cause=Cause.COHORT_REFUSED, todo=_OBEY)
    if found is None:
        todo = "Make it, by a [[cohort]] rule or in Moodle; or link the method to another."
        coming = known.outlook.joins(idnumber)
        return missing(Link.COHORT, f"there is no cohort {idnumber}", coming, Cause.NO_COHORT, todo)
    name = f"{found.idnumber} ({found.name})" if found.idnumber else found.name
    if refused and known.membership(found.id) is None:
        what = f"{name}: {refused}"
        return step(Link.COHORT, what, "cohort", found.id, cause=Cause.COHORT_REFUSED, todo=_OBEY)
    return step(Link.COHORT, name, "cohort", found.id, found.made, run)


def membership_link(known: Known, of: Cohort, *, registered: bool) -> Step:
    """``registered``: whether a good line leads him into it."""
    row, name = known.membership(of.id), of.idnumber or of.name
    if row is not None:
        run = known.past.run_of(row.id, {Action.JOIN_COHORT})
        pruned = "" if known.past.whole(row.made) else ", or by a run whose journal has been pruned"
        by = "" if run else f"; put in by hand or by somebody else's program{pruned}"
        return step(Link.MEMBERSHIP, f"member of {name}{by}", "cohort_members", row.id, row.made, run)
    what = f"not in {name}{known.past.since(Action.LEAVE_COHORT, cohort=of.id)}"
    coming = known.outlook.joins(of.idnumber)
    if registered:
        also = "" if coming else ", although registered"
        return missing(Link.MEMBERSHIP, f"{what}{also}", coming, Cause.LEFT_ALONE, LEFT_ALONE.todo)
    todo = f"Add a member, by hand in Moodle or with a file: `greffe cohorts FILE` with a line for {name}."
    return missing(Link.MEMBERSHIP, what, coming, Cause.NOT_MEMBER, todo)
