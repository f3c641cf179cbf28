"""Taking back what a run did to cohorts themselves; their members are rows of a table like any other.

A cohort that the run made goes again once it is empty and nothing stands on it: what a night made by mistake leaves no
trace. One that it deleted comes back with its id, so that its members can follow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from greffe.apply import rows
from greffe.apply.journal import ChangeRecord
from greffe.apply.rows import COHORT
from greffe.apply.stays import CHANGED, TAKEN
from greffe.apply.transaction import Transaction
from greffe.methods.members import COLUMNS
from greffe.model import Action, Batch, Reason
from greffe.moodle.cohorts import CohortReader

IN_USE = "people are in it, or something stands on it since"
PLACE_GONE = "the cohort, or the place where it was, is gone"
TWIN = "another cohort has its idnumber by now"

OPPOSITE = {
    Action.CREATE_COHORT: Action.DELETE_COHORT,
    Action.RESTORE_COHORT: Action.DELETE_COHORT,
    Action.DELETE_COHORT: Action.RESTORE_COHORT,
    Action.UPDATE_COHORT: Action.UPDATE_COHORT,
    Action.ADOPT_COHORT: Action.RELEASE_COHORT,
    Action.RELEASE_COHORT: Action.ADOPT_COHORT,
}
_LEFT = (*COLUMNS, "timemodified")


@dataclass(slots=True)
class CohortUndo:
    """Takes back some of a run's changes to cohorts in the transaction that is open."""

    tx: Transaction
    done: list[int] = field(default_factory=list)
    refused: list[tuple[ChangeRecord, str]] = field(default_factory=list)

    def restore(self, changes: Sequence[ChangeRecord]) -> None:
        """Cohorts that the run deleted, before their members."""
        if not changes:
            return
        images = {c.object: c.old for c in changes if c.old}
        text = self.tx.db.text("rows_there", table="context")
        places = {
            r[0] for r in self.tx.db.run_text(text, ids=sorted({i["contextid"] for i in images.values()}))
        }
        names = {str(i["idnumber"]) for i in images.values() if i["idnumber"]}
        reader = CohortReader(self.tx.db)
        there = self._held(changes)
        # as the database compares them: a name in another case is a twin on MariaDB
        twins = {name for name in names if reader.alike([name])} if reader.alike(names) else set()
        back = []
        for change in changes:
            image = images.get(change.object)
            if change.object in there:
                self.refused.append((change, TAKEN))
            elif image is None or image["contextid"] not in places:
                self.refused.append((change, PLACE_GONE))
            elif image["idnumber"] in twins:
                self.refused.append((change, TWIN))
            else:
                back.append(image)
                self._note(change, new=image)
        rows.put_back(self.tx.db, "cohort", back)

    def reset(self, changes: Sequence[ChangeRecord]) -> None:
        """Cohorts that the run changed, adopted or gave back."""
        there = self._held(changes)
        former: list[Mapping[str, Any]] = []
        owned: dict[int, list[int]] = {0: [], 1: []}
        for change in changes:
            row, old = there.get(change.object), change.old
            if row is None or old is None:
                self.refused.append((change, PLACE_GONE))
            elif not _as_left(change, row, _LEFT):
                self.refused.append((change, CHANGED))
            else:
                image = {c: old[c] for c in ("id", *_LEFT)}
                former.append(image)
                self._note(change, old=row, new=image)
                if change.action == Action.ADOPT_COHORT:
                    owned[0].append(change.object)
                elif change.action == Action.RELEASE_COHORT:
                    owned[1].append(change.object)
        for text in rows.texts(former):
            self.tx.db.execute("write_cohorts", images=text)
        for state, cohorts in owned.items():
            if cohorts:
                self.tx.db.execute("set_owned", owned=state, cohorts=cohorts)

    def take_out(self, changes: Sequence[ChangeRecord]) -> None:
        """Cohorts that the run made, after their members."""
        there = self._held(changes)
        if not changes:
            return
        wanted = sorted(there)
        used = set(CohortReader(self.tx.db).used(wanted))
        if wanted:
            used |= {int(r[0]) for r in self.tx.db.query("cohorts_with_members", cohorts=wanted)}
        going = []
        for change in changes:
            row = there.get(change.object)
            if row is None:
                self.done.append(change.id)
            elif change.object in used:
                self.refused.append((change, IN_USE))
            elif not _as_left(change, row, COHORT):
                self.refused.append((change, CHANGED))
            else:
                going.append(change.object)
                self._note(change, old=row)
        rows.delete(self.tx.db, "cohort", going)

    def _held(self, changes: Sequence[ChangeRecord]) -> dict[int, dict[str, Any]]:
        return rows.hold(self.tx.db, "cohort", COHORT, {c.object for c in changes}) if changes else {}

    def _note(
        self,
        change: ChangeRecord,
        *,
        old: Mapping[str, Any] | None = None,
        new: Mapping[str, Any] | None = None,
    ) -> None:
        action = OPPOSITE[Action(change.action)]
        before = [rows.encode(old)] if old is not None else []
        after = rows.encode(new) if new is not None else None
        batch = Batch(action=action, course=0, reason=Reason.UNDO)
        self.tx.ledger.add(
            action, batch, 0, [0], [change.object], cohort=change.cohort, old=before, new=after
        )
        self.done.append(change.id)


def _as_left(change: ChangeRecord, row: Mapping[str, Any], columns: Sequence[str]) -> bool:
    """Whether the row is as the run left it."""
    left = change.new or {}
    now = msgspec.json.decode(rows.encode(row))
    return all(now[c] == left[c] for c in columns if c in left)
