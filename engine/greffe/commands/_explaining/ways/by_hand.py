"""By hand, and by every other method that follows nothing: somebody enrolled him, or he himself."""

from __future__ import annotations

import shlex

from greffe.commands._explaining.known import Known
from greffe.commands._explaining.links.account import account_link
from greffe.commands._explaining.links.enrolment import enrolment_link
from greffe.commands._explaining.links.gifts import role_link
from greffe.commands._explaining.links.method import method_link
from greffe.commands._explaining.outlook import Prospect
from greffe.commands._explaining.ways.chain import chain_by
from greffe.view.chain import Cause, Chain
from greffe.view.standing import Method


def by_hand(known: Known, way: Method) -> Chain:
    """Into a course."""
    row = known.standing.through(way.id)
    steps = [account_link(known)]
    if not steps[0].cause:
        steps.append(method_link(known, way, way.method, "", None))
        todo = "Make it active on the course's participants page."
        if row is None:
            name = shlex.quote(known.course_name(way.course))
            todo = f"Enrol by hand on the course's participants page, or with a file: `greffe enrol FILE --course {name}`."
        nobody = Prospect(Cause.NOT_ENROLLED, "nobody has done so by hand", todo)
        steps.append(enrolment_link(known, way.course, row, None, nobody))
        if row is not None:
            steps.append(role_link(known, way, {}, ""))
    return chain_by(known, way, "", steps)
