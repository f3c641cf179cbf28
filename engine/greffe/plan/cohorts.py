"""The plan's first layer: cohorts and their members. Methods and enrolments that rest on cohorts come after it."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from greffe.model import Action, Batch

COHORT_LOSSES = frozenset({Action.LEAVE_COHORT, Action.DELETE_COHORT})
"""What takes a cohort away from a person."""


class CohortPlan(msgspec.Struct, kw_only=True):
    """The changes of one cohort, and how it looked when they were computed.

    ``batches`` hold, in this order, what happens to the cohort itself (one batch without people: create, adopt,
    update, delete or release) and to its members.
    """

    idnumber: str
    """As it will be."""
    name: str
    cohort: int
    """0: the one that this plan creates."""
    fingerprint: str
    """'': there was no such cohort."""
    batches: list[Batch]
    columns: dict[str, Any] = {}
    """Columns of the cohort's row that are written."""
    was: dict[str, Any] = {}
    """What they held before."""
    feeds: tuple[int, ...] = ()
    """Numbers of the feeds that name it tonight: they answer for it from now on."""
    members: int = 0
    """How many are in it before the night."""

    @property
    def size(self) -> int:
        """Changes in all."""
        return sum(b.size for b in self.batches)

    def only_person(self, person: int) -> CohortPlan | None:
        """The part that concerns one person; a cohort is made for somebody, but not renamed for him."""
        batches = []
        for batch in self.batches:
            if person in batch.users:
                at = batch.users.index(person)
                batches.append(
                    msgspec.structs.replace(batch, users=[person], sources=batch.sources[at : at + 1])
                )
            elif batch.action in (Action.CREATE_COHORT, Action.ADOPT_COHORT):
                batches.append(batch)
        return msgspec.structs.replace(self, batches=batches) if any(b.users for b in batches) else None

    def only_losses(self) -> CohortPlan | None:
        """What a guard holds back; None: nothing. Its columns are not: an approval must fit the night after as well, when
        they are written already."""
        held = [b for b in self.batches if b.action in COHORT_LOSSES]
        return msgspec.structs.replace(self, batches=held, columns={}, was={}) if held else None

    def without_losses(self) -> CohortPlan | None:
        """What is left then."""
        batches = [b for b in self.batches if b.action not in COHORT_LOSSES]
        return msgspec.structs.replace(self, batches=batches) if batches else None

    def digest_into(self, h: hashlib._Hash) -> None:
        """Add exactly these changes to a plan's name; counts and source lines are no part of it."""
        h.update(msgspec.json.encode([self.cohort, self.idnumber, sorted(self.columns.items())]))
        for batch in self.batches:
            h.update(msgspec.json.encode(msgspec.structs.replace(batch, sources=[], feeds=(), held=())))
