"""What the parts of one transaction share: the pieces of a plan that it writes, what it refuses, what it takes away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from greffe.apply import rows
from greffe.apply.ledger import Ledger
from greffe.methods.scope import BY_HAND, component
from greffe.model import Action, Batch
from greffe.moodle.database import Database

PLACE_GONE = "the course, its method or the group is gone since the plan was made; the next night looks again"

_TRACES = 20
"""Rows that a person leaves behind in a course, about: what an unenrolment may have to take along."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some people of one course with all that happens to them by one method: never split over two transactions."""

    course: int
    name: str
    context: int
    enrol: int
    batches: Sequence[Batch]
    method: str = "database"
    columns: Mapping[str, Any] = field(default_factory=dict)
    was: Mapping[str, Any] = field(default_factory=dict)
    cohort: str = ""
    group: str = ""
    owner: str | None = None
    """Of an instance that is made or changed: as in ``CoursePlan``."""

    @property
    def component(self) -> str:
        """Of the roles and memberships that go with an enrolment by its method."""
        return component(self.method)

    @property
    def by_hand(self) -> bool:
        """Whether the roles and memberships that come through its method are nobody's."""
        return self.method in BY_HAND

    @property
    def giver(self) -> str:
        """Component of the roles and memberships that come through its method…"""
        return "" if self.by_hand else self.component

    def item(self, enrol: int) -> int:
        """…and their item, where the instance is ``enrol``."""
        return 0 if self.by_hand else enrol

    @property
    def size(self) -> int:
        """Changes in all."""
        return sum(b.size for b in self.batches)

    @property
    def weight(self) -> int:
        """Rows that it may come to."""
        return weight(self.batches)


def weight(batches: Iterable[Batch]) -> int:
    """Rows that changes may come to: an unenrolment takes much along, and a transaction is to stay short."""
    return sum(b.size * (_TRACES if b.action is Action.UNENROL else 1) for b in batches)


@dataclass(slots=True)
class Refused:
    """Changes that were not made, and why."""

    course: str
    action: str
    reason: str
    users: list[int]


@dataclass(slots=True)
class Transaction:
    """One transaction of a run, as its parts see it."""

    db: Database
    modifier: int
    now: int
    ledger: Ledger
    refused: list[Refused] = field(default_factory=list)
    gone: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Table → ids of rows that are deleted at the end: noted in the ledger, and never twice."""

    def remove(
        self,
        table: str,
        action: Action,
        batch: Batch,
        enrol: int,
        images: Iterable[Mapping[str, int]],
        *,
        role: int = 0,
        group: int = 0,
        cohort: int = 0,
        new: str | None = None,
    ) -> list[Mapping[str, int]]:
        """Note these rows of a table and delete them at the end; those that were not yet taken. ``new``: what the
        journal tells beside the rows themselves."""
        taken = [r for r in images if r["id"] not in self.gone[table]]
        if taken:
            self.gone[table].update(r["id"] for r in taken)
            users, objects = [r["userid"] for r in taken], [r["id"] for r in taken]
            old = [rows.encode(r) for r in taken]
            self.ledger.add(
                action, batch, enrol, users, objects, role=role, group=group, cohort=cohort, old=old, new=new
            )
        return taken

    def delete_what_goes(self) -> None:
        """Delete everything that was removed, a table at a time."""
        for table, ids in self.gone.items():
            if ids:
                rows.delete(self.db, table, ids)
