"""Taking back that groups were put into groupings; groupings that were made stay, as groups do: empty they do no harm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from greffe.apply import rows
from greffe.apply.groupings import COLUMNS
from greffe.apply.journal import ChangeRecord
from greffe.apply.stays import CHANGED, TAKEN
from greffe.apply.transaction import Transaction
from greffe.model import Action, Batch, Reason

OPPOSITE = {Action.JOIN_GROUPING: Action.LEAVE_GROUPING, Action.LEAVE_GROUPING: Action.JOIN_GROUPING}
GONE = "the group or the grouping is gone"
_TABLE = "groupings_groups"


@dataclass(slots=True)
class GroupingUndo:
    """Takes back some of a run's changes to groupings in the transaction that is open."""

    tx: Transaction
    done: list[int] = field(default_factory=list)
    refused: list[tuple[ChangeRecord, str]] = field(default_factory=list)

    def take_out(self, changes: Sequence[ChangeRecord]) -> None:
        """Groups that the run put into groupings."""
        there = self._held(changes)
        going = []
        for change in changes:
            row = there.get(change.object)
            if row is None:
                self.done.append(change.id)
            elif any(row[c] != v for c, v in (change.new or {}).items()):
                self.refused.append((change, CHANGED))
            else:
                going.append(change.object)
                self._note(change, old=row)
        rows.delete(self.tx.db, _TABLE, going)

    def bring_back(self, changes: Sequence[ChangeRecord]) -> None:
        """Groups that an undo took out, where they are in it no more."""
        free = [(c, c.old) for c in changes if c.old]
        there = self._held(changes)
        groupings = rows.present(self.tx.db, "groupings", {old["groupingid"] for _, old in free})
        groups = rows.present(self.tx.db, "groups", {old["groupid"] for _, old in free})
        taken = (
            {
                (int(a), int(b))
                for a, b in self.tx.db.query("groups_of_groupings", groupings=sorted(groupings))
            }
            if groupings
            else set()
        )
        back = []
        for change, old in free:
            if old["groupingid"] not in groupings or old["groupid"] not in groups:
                self.refused.append((change, GONE))
            elif change.object in there or (old["groupingid"], old["groupid"]) in taken:
                self.refused.append((change, TAKEN))
            else:
                back.append(old)
                self._note(change, new=old)
        rows.put_back(self.tx.db, _TABLE, back)

    def _held(self, changes: Sequence[ChangeRecord]) -> dict[int, dict[str, Any]]:
        return rows.hold(self.tx.db, _TABLE, COLUMNS, {c.object for c in changes}) if changes else {}

    def _note(
        self,
        change: ChangeRecord,
        *,
        old: Mapping[str, Any] | None = None,
        new: Mapping[str, Any] | None = None,
    ) -> None:
        action = OPPOSITE[Action(change.action)]
        batch = Batch(action=action, course=change.course, reason=Reason.UNDO)
        before = [rows.encode(old)] if old is not None else []
        after = rows.encode(new) if new is not None else None
        self.tx.ledger.add(
            action, batch, change.enrol, [0], [change.object], group=change.group, old=before, new=after
        )
        self.done.append(change.id)
