"""Methods and cohorts as reports show them: what happened to one itself, in words, and counts for each method."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeVar

from greffe.model import OF_METHOD, Action
from greffe.report.document import CohortLine, CourseLine, Document

Line = TypeVar("Line", CourseLine, CohortLine)

LAYERS = {
    "database": "external database",
    "cohort": "cohort sync",
    "meta": "meta links",
    "manual": "manual",
    "self": "self",
}
"""Method → what it is called, in the order in which one can follow from the other."""

_DONE = {
    Action.CREATE_METHOD: "new",
    Action.ADOPT_METHOD: "adopted",
    Action.RELEASE_METHOD: "released",
    Action.DISABLE_METHOD: "switched off",
    Action.DELETE_METHOD: "deleted",
    Action.RESTORE_METHOD: "brought back",
    Action.CREATE_COHORT: "new",
    Action.ADOPT_COHORT: "adopted",
    Action.RELEASE_COHORT: "released",
    Action.DELETE_COHORT: "deleted",
    Action.RESTORE_COHORT: "brought back",
}
_WRITTEN = {
    "contextid": "moved",
    "name": "renamed",
    "idnumber": "idnumber",
    "description": "described",
    "visible": "shown or hidden",
    "component": "locked or unlocked",
    "customint1": "another cohort",
    "roleid": "another role",
    "customint2": "another group",
    "status": "switched on or off",
    "enrolperiod": "another period",
}
"""Column of a cohort or a method → what happens when it is written."""

_ONE_EACH = frozenset(_DONE) | OF_METHOD | {Action.UPDATE_COHORT}


def counted(action: Action) -> bool:
    """Whether a table of places has a column for it: what happens once to a place itself is told by a word instead."""
    return action not in _ONE_EACH


def columns(actions: Iterable[Action], lines: Sequence[CourseLine] | Sequence[CohortLine]) -> list[Action]:
    """Those of the actions that a table of these lines has a column for."""
    return [a for a in actions if counted(a) and any(line.counts.get(a) for line in lines)]


def gravest_first(lines: Iterable[Line]) -> list[Line]:
    """What a guard holds, then the largest, then by name."""
    return sorted(
        lines,
        key=lambda line: (
            not line.held,
            -line.size,
            line.idnumber if isinstance(line, CohortLine) else line.name,
        ),
    )


def fate(line: CourseLine | CohortLine) -> str:
    """What happened to a method or a cohort itself; '' for nothing."""
    usual = isinstance(line, CourseLine) and line.method == "database"
    found = [
        word
        for action, word in _DONE.items()
        # that a course gets its method ``database`` is told by its people
        if line.counts.get(action) and not (usual and action is Action.CREATE_METHOD)
    ]
    return ", ".join(found or [_WRITTEN.get(column, column) for column in line.changed])


def falls_short(d: Document) -> bool:
    """Whether less was made (or would be) than is planned; what an action took along beyond its plan is no matter here."""
    return any(d.counts.get(action, 0) < number for action, number in d.planned.items())


def more_noun(d: Document) -> str:
    """What a line of the table of courses is, where some course has several."""
    return "course" if len({c.id for c in d.courses}) == len(d.courses) else "method"


def by_layer(d: Document) -> list[tuple[str, dict[str, int]]]:
    """(method, action → changes) where several methods have some; nothing where the lines are not what was made."""
    found: dict[str, Counter[str]] = {}
    for line in d.courses:
        found.setdefault(line.method, Counter()).update(line.counts)
    for cohort in d.cohorts:
        found.setdefault("", Counter()).update(cohort.counts)
    total = sum(found.values(), Counter[str]())
    if total not in (Counter(d.counts), Counter(d.planned)):
        return []
    layers = [(heading, dict(found[m])) for m, heading in LAYERS.items() if m in found]
    return layers if len(layers) > 1 else []
