"""Taking back what a run did to things that Greffe itself makes and keeps: cohorts and method instances.

What is theirs alone (who belongs to them, what stands on them) is said in ``cohort_undo`` and ``method_undo``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import msgspec

from greffe.apply import rows
from greffe.apply.journal import ChangeRecord
from greffe.apply.stays import CHANGED
from greffe.apply.transaction import Transaction
from greffe.model import Action, Batch, Reason


@dataclass(slots=True)
class MadeUndo(ABC):
    """Takes back some of a run's changes to rows of one table in the transaction that is open."""

    table: ClassVar[str]
    written: ClassVar[tuple[str, ...]]
    """Columns that rules decide, and the clock."""
    looked_at: ClassVar[tuple[str, ...]]
    """Columns that must be as the run left them before a row that it made goes."""
    write: ClassVar[str]
    """The statement that writes these of many rows, from their images."""
    own: ClassVar[tuple[str, str]]
    """The statement that says whether they are Greffe's, and what it calls their ids."""
    opposite: ClassVar[Mapping[Action, Action]]
    adopt: ClassVar[Action]
    release: ClassVar[Action]
    gone: ClassVar[str]
    in_use: ClassVar[str]

    tx: Transaction
    done: list[int] = field(default_factory=list)
    refused: list[tuple[ChangeRecord, str]] = field(default_factory=list)

    # -- what each kind says of itself ---------------------------------------------------------------------
    @abstractmethod
    def held(self, ids: Collection[int]) -> dict[int, dict[str, Any]]:
        """Those of these rows that are there, whole, held until the end of the transaction."""

    @abstractmethod
    def used(self, ids: Collection[int]) -> Collection[int]:
        """Those of these rows that cannot go: somebody belongs to them, or something stands on them."""

    @abstractmethod
    def homeless(self, changes: Sequence[ChangeRecord], there: Mapping[int, Mapping[str, Any]]) -> set[int]:
        """Ids of those changes whose row cannot be what it was: what it led to is gone."""

    # -- what they share -----------------------------------------------------------------------------------
    def reset(self, changes: Sequence[ChangeRecord]) -> None:
        """Rows that the run changed, adopted or gave back."""
        if not changes:
            return
        there = self.held({c.object for c in changes})
        homeless = self.homeless(changes, there)
        former: list[Mapping[str, Any]] = []
        owned: dict[int, list[int]] = {0: [], 1: []}
        for change in changes:
            row, old = there.get(change.object), change.old
            if row is None or old is None:
                self.refused.append((change, self.gone))
            elif not _as_left(change, row, self.written):
                self.refused.append((change, CHANGED))
            elif change.id in homeless:
                self.refused.append((change, self.gone))
            else:
                image = {c: old[c] for c in ("id", *self.written)}
                former.append(image)
                self.note(change, old=row, new=image)
                if change.action == self.adopt:
                    owned[0].append(change.object)
                elif change.action == self.release:
                    owned[1].append(change.object)
        for text in rows.texts(former):
            self.tx.db.execute(self.write, images=text)
        statement, ids = self.own
        for state, mine in owned.items():
            if mine:
                self.tx.db.execute(statement, owned=state, **{ids: mine})

    def take_out(self, changes: Sequence[ChangeRecord]) -> None:
        """Rows that the run made, after all that belongs to them."""
        if not changes:
            return
        there = self.held({c.object for c in changes})
        used = self.used(sorted(there)) if there else ()
        going = []
        for change in changes:
            row = there.get(change.object)
            if row is None:
                self.done.append(change.id)
            elif change.object in used:
                self.refused.append((change, self.in_use))
            elif not _as_left(change, row, self.looked_at):
                self.refused.append((change, CHANGED))
            else:
                going.append(change.object)
                self.note(change, old=row)
        rows.delete(self.tx.db, self.table, going)

    def note(
        self,
        change: ChangeRecord,
        *,
        old: Mapping[str, Any] | None = None,
        new: Mapping[str, Any] | None = None,
    ) -> None:
        """One row is as it was."""
        action = self.opposite[Action(change.action)]
        batch = Batch(action=action, course=change.course, reason=Reason.UNDO)
        before = [rows.encode(old)] if old is not None else []
        after = rows.encode(new) if new is not None else None
        self.tx.ledger.add(
            action, batch, change.enrol, [0], [change.object], cohort=change.cohort, old=before, new=after
        )
        self.done.append(change.id)


def _as_left(change: ChangeRecord, row: Mapping[str, Any], columns: Collection[str]) -> bool:
    """Whether the row is as the run left it."""
    left = change.new or {}
    now = msgspec.json.decode(rows.encode(row))
    return all(now[c] == left[c] for c in columns if c in left)
