"""What comes with an enrolment: the role and the groups."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from greffe.commands._explaining.known import Known
from greffe.commands._explaining.outlook import Prospect
from greffe.commands._explaining.step import step
from greffe.methods.database import METHOD
from greffe.model import Action
from greffe.view.chain import Cause, Link, Step
from greffe.view.standing import Method


def role_link(known: Known, method: Method, wanted: Mapping[int, Prospect | None], otherwise: str) -> Step:
    """Whether he holds what the way gives. ``wanted``: role → what a night would do about it; ``otherwise``: what mends it
    where none does anything."""
    held = known.standing.roles_by(method)
    for wish, coming in wanted.items():
        if all(h.role != wish for h in held):
            what = f"has not the role {known.role_name(wish)}"
            return _lacks(Link.ROLE, Cause.NO_ROLE, what, coming, otherwise)
    if not held:
        return step(
            Link.ROLE,
            "no role comes with it",
            cause=Cause.NO_ROLE if method.method == METHOD else None,
            todo="Give one on the participants page, if there is to be one.",
        )
    names = ", ".join(dict.fromkeys(known.role_name(h.role) for h in held))
    first = held[0]
    run = known.past.run_of(first.id, {Action.ASSIGN_ROLE})
    return step(Link.ROLE, names, "role_assignments", first.id, first.made, run)


def group_links(
    known: Known, course: int, names: Collection[str], coming: Prospect | None, otherwise: str
) -> list[Step]:
    """Whether he is in the groups that the way puts him into; nothing where it puts him into none."""
    rows = {g.name: g for g in reversed(known.standing.groups) if g.course == course}
    found = []
    for name in sorted(names):
        if name in rows:
            row = rows[name]
            run = known.past.run_of(row.id, {Action.JOIN_GROUP})
            found.append(step(Link.GROUP, name, "groups_members", row.id, row.made, run))
        else:
            found.append(_lacks(Link.GROUP, Cause.NO_GROUP, f"not in the group {name}", coming, otherwise))
    return found


def _lacks(link: Link, cause: Cause, what: str, coming: Prospect | None, otherwise: str) -> Step:
    """It is what is missing that counts, also where a night would bring it."""
    if coming:
        return step(link, f"{what}; {coming.why}", cause=cause, todo=coming.todo)
    return step(link, what, cause=cause, todo=otherwise)
