"""A way as it is told, and how near it comes."""

from __future__ import annotations

from greffe.commands._explaining.known import Known
from greffe.view.chain import Chain, Stand, Step
from greffe.view.standing import Enrolment, Method, stand


def chain(
    known: Known,
    course: int,
    way: str,
    of: str,
    steps: list[Step],
    row: Enrolment | None = None,
    method: Method | None = None,
) -> Chain:
    """``way``: the plugin; ``of``: what it follows; ``row``, ``method``: what he stands there by."""
    found = stand(row, method, known.catalogue.plugins_enabled, known.now)
    return Chain(
        course=known.course_name(course), course_id=course, way=way, of=of, stand=found.value, steps=steps
    )


def chain_by(known: Known, method: Method, of: str, steps: list[Step]) -> Chain:
    """The same by a method that is there."""
    row = known.standing.through(method.id)
    return chain(known, method.course, method.method, of, steps, row, method)


def likely(told: Chain) -> tuple[int, bool, int]:
    """Where he stands best, then what holds longest."""
    return list(Stand).index(Stand(told.stand)), told.broken is not None, -told.reach
