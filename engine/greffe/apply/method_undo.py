"""Taking back what a run did to method instances themselves; their people are rows of tables like any other.

An instance that rules made goes again once nobody is enrolled by it: what stays would have Moodle's own sync enrol
everybody anew within the hour. One that was deleted comes back with its id, so that its people can follow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from greffe.apply import rows
from greffe.apply.journal import ChangeRecord
from greffe.apply.methods import CHANGED_BY_RULES, hold_methods, method_columns
from greffe.apply.stays import CHANGED
from greffe.apply.transaction import Transaction
from greffe.model import Action, Batch, Reason

IN_USE = "somebody is enrolled by it since"
PLACE_GONE = "the method, its course or what it follows is gone"
TAKEN = "there is a newer row in its place"

OPPOSITE = {
    Action.CREATE_METHOD: Action.DELETE_METHOD,
    Action.RESTORE_METHOD: Action.DELETE_METHOD,
    Action.DELETE_METHOD: Action.RESTORE_METHOD,
    Action.UPDATE_METHOD: Action.UPDATE_METHOD,
    Action.DISABLE_METHOD: Action.UPDATE_METHOD,
    Action.ADOPT_METHOD: Action.RELEASE_METHOD,
    Action.RELEASE_METHOD: Action.ADOPT_METHOD,
}
_LEFT = (*CHANGED_BY_RULES, "timemodified")


def opposite(change: ChangeRecord) -> Action | None:
    """What takes a change back; None for the instances of ``database``, which stay: empty they do no harm."""
    if change.action == Action.CREATE_METHOD and change.new is None:
        return None
    return OPPOSITE[Action(change.action)]


@dataclass(slots=True)
class MethodUndo:
    """Takes back some of a run's changes to instances in the transaction that is open."""

    tx: Transaction
    done: list[int] = field(default_factory=list)
    refused: list[tuple[ChangeRecord, str]] = field(default_factory=list)

    def restore(self, changes: Sequence[ChangeRecord]) -> None:
        """Instances that the run deleted, before their people."""
        if not changes:
            return
        columns = method_columns(self.tx.db)
        taken = hold_methods(self.tx.db, {c.object for c in changes})
        homes = self._there("course", {c.old["courseid"] for c in changes if c.old})
        back = []
        for change in changes:
            if change.old is None or change.old["courseid"] not in homes:
                self.refused.append((change, PLACE_GONE))
            elif change.object in taken:
                self.refused.append((change, TAKEN))
            else:
                image = {c: change.old[c] for c in columns if c in change.old}
                back.append(image)
                self._note(change, new=image)
        rows.put_back(self.tx.db, "enrol", back)

    def reset(self, changes: Sequence[ChangeRecord]) -> None:
        """Instances that the run changed, adopted or gave back."""
        if not changes:
            return
        there = hold_methods(self.tx.db, {c.object for c in changes})
        sources = {m: self._there(t, {c.old["customint1"] for c in changes if c.old and c.old["enrol"] == m and c.old["customint1"]}) for m, t in (("cohort", "cohort"), ("meta", "course"))}  # fmt: skip
        former: list[Mapping[str, Any]] = []
        owned: dict[int, list[int]] = {0: [], 1: []}
        for change in changes:
            row, old = there.get(change.object), change.old
            if row is None or old is None:
                self.refused.append((change, PLACE_GONE))
            elif not _as_left(change, row):
                self.refused.append((change, CHANGED))
            elif (
                old["customint1"] != row["customint1"]
                and old["customint1"] not in sources.get(old["enrol"], ())
            ):  # fmt: skip
                self.refused.append((change, PLACE_GONE))
            else:
                image = {c: old[c] for c in ("id", *_LEFT)}
                former.append(image)
                self._note(change, old=row, new=image)
                if change.action == Action.ADOPT_METHOD:
                    owned[0].append(change.object)
                elif change.action == Action.RELEASE_METHOD:
                    owned[1].append(change.object)
        for text in rows.texts(former):
            self.tx.db.execute("write_methods", images=text)
        for state, enrols in owned.items():
            if enrols:
                self.tx.db.execute("set_owned_methods", owned=state, enrols=enrols)

    def take_out(self, changes: Sequence[ChangeRecord]) -> None:
        """Instances that the run made, after their people."""
        if not changes:
            return
        there = hold_methods(self.tx.db, {c.object for c in changes})
        used = {int(r[0]) for r in self.tx.db.query("still_enrolled_by", enrols=sorted(there))} if there else set()  # fmt: skip
        going = []
        for change in changes:
            row = there.get(change.object)
            if row is None:
                self.done.append(change.id)
            elif change.object in used:
                self.refused.append((change, IN_USE))
            elif not _as_left(change, row):
                self.refused.append((change, CHANGED))
            else:
                going.append(change.object)
                self._note(change, old=row)
        rows.delete(self.tx.db, "enrol", going)

    def _there(self, table: str, ids: set[int]) -> set[int]:
        text = self.tx.db.text("rows_there", table=table)
        return {int(r[0]) for r in self.tx.db.run_text(text, ids=sorted(ids))} if ids else set()

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
        self.tx.ledger.add(action, batch, change.enrol, [0], [change.object], old=before, new=after)
        self.done.append(change.id)


def _as_left(change: ChangeRecord, row: Mapping[str, Any]) -> bool:
    """Whether the row is as the run left it."""
    left = change.new or {}
    now = msgspec.json.decode(rows.encode(row))
    return all(now[c] == left[c] for c in _LEFT if c in left)
