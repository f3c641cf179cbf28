"""Cohorts: desired minus actual, one cohort at a time. A cohort's people are all of its rows in ``cohort_members``."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from greffe.methods.database import unique
from greffe.methods.scope import count_ids, join_ids, parse_ids
from greffe.model import USER_SHIFT, Action, Batch, Reason

COLUMNS = ("contextid", "name", "idnumber", "description", "visible", "component")
"""What rules decide of a row of ``cohort``."""


@dataclass(frozen=True, slots=True)
class CohortRow:
    """A cohort as it stands in Moodle."""

    id: int
    contextid: int
    name: str
    idnumber: str
    description: str
    visible: int
    component: str

    def differs(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Those of these columns that are to be written."""
        return {c: v for c, v in wanted.items() if getattr(self, c) != v}

    def fingerprint(self, members: str) -> str:
        """Tells whether a cohort is still as it was when a plan was made."""
        parts = [self.id, *(getattr(self, c) for c in COLUMNS), members]
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def diff_members(
    marks: Sequence[int], members: str, spared: Collection[int], feeds: tuple[int, ...]
) -> tuple[list[Batch], int]:
    """(who joins and who leaves, how many are there now). ``spared`` neither join nor leave by what is unsure."""
    if join_ids(sorted({m >> USER_SHIFT for m in marks})) == members:
        return [], count_ids(members)
    wanted, there = unique(marks), parse_ids(members)
    present = set(there)
    joining = [u for u in wanted if u not in present]
    leaving = [u for u in there if u not in wanted and u not in spared]
    batches = []
    if joining:
        batches.append(
            Batch(
                action=Action.JOIN_COHORT,
                course=0,
                reason=Reason.REGISTERED,
                users=joining,
                sources=[wanted[u] for u in joining],
                feeds=feeds,
            )
        )
    if leaving:
        batches.append(leave(leaving, Reason.LEFT_FEED, feeds))
    return batches, len(there)


def leave(users: list[int], reason: Reason, feeds: tuple[int, ...]) -> Batch:
    """These people leave the cohort."""
    return Batch(
        action=Action.LEAVE_COHORT,
        course=0,
        reason=reason,
        users=users,
        sources=[0] * len(users),
        feeds=feeds,
    )
