"""Taking back what a run did to method instances themselves; their people are rows of tables like any other.

An instance that rules made goes again once nobody is enrolled by it: what stays would have Moodle's own sync enrol
everybody anew within the hour. One that was deleted comes back with its id, so that its people can follow.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from greffe.apply import rows
from greffe.apply.journal import ChangeRecord
from greffe.apply.made_undo import MadeUndo
from greffe.apply.methods import CHANGED_BY_RULES, hold_methods, method_columns
from greffe.apply.stays import TAKEN
from greffe.model import Action

OPPOSITE = {
    Action.CREATE_METHOD: Action.DELETE_METHOD,
    Action.RESTORE_METHOD: Action.DELETE_METHOD,
    Action.DELETE_METHOD: Action.RESTORE_METHOD,
    Action.UPDATE_METHOD: Action.UPDATE_METHOD,
    Action.DISABLE_METHOD: Action.UPDATE_METHOD,
    Action.ADOPT_METHOD: Action.RELEASE_METHOD,
    Action.RELEASE_METHOD: Action.ADOPT_METHOD,
}


def opposite(change: ChangeRecord) -> Action | None:
    """What takes a change back; None for the instances of ``database``, which stay: empty they do no harm."""
    if change.action == Action.CREATE_METHOD and change.new is None:
        return None
    return OPPOSITE[Action(change.action)]


class MethodUndo(MadeUndo):
    """Takes back some of a run's changes to instances in the transaction that is open."""

    table = "enrol"
    written = (*CHANGED_BY_RULES, "timemodified")
    looked_at = written  # somebody may have put a course's methods in another order
    write = "write_methods"
    own = ("set_owned_methods", "enrols")
    opposite = OPPOSITE
    adopt, release = Action.ADOPT_METHOD, Action.RELEASE_METHOD
    gone = "the method, its course or what it follows is gone"
    in_use = "somebody is enrolled by it since"

    def held(self, ids: Collection[int]) -> dict[int, dict[str, Any]]:
        """Instances, whole."""
        return hold_methods(self.tx.db, ids)

    def used(self, ids: Collection[int]) -> Collection[int]:
        """Instances that enrol somebody."""
        return {int(r[0]) for r in self.tx.db.query("still_enrolled_by", enrols=list(ids))}

    def homeless(self, changes: Sequence[ChangeRecord], there: Mapping[int, Mapping[str, Any]]) -> set[int]:
        """Instances that follow something else now, and whose former cohort or parent course is gone."""
        old = {c.id: c.old for c in changes if c.old}
        moved = {
            c.id
            for c in changes
            if c.id in old and c.object in there and there[c.object]["customint1"] != old[c.id]["customint1"]
        }
        homeless = set[int]()
        for method, table in (("cohort", "cohort"), ("meta", "course")):
            mine = {i: old[i]["customint1"] for i in moved if old[i]["enrol"] == method}
            known = rows.present(self.tx.db, table, {source for source in mine.values() if source})
            homeless |= {i for i, source in mine.items() if source not in known}
        return homeless

    def restore(self, changes: Sequence[ChangeRecord]) -> None:
        """Instances that the run deleted, before their people."""
        if not changes:
            return
        columns = method_columns(self.tx.db)
        taken = self.held({c.object for c in changes})
        courses = rows.present(self.tx.db, "course", {c.old["courseid"] for c in changes if c.old})
        back = []
        for change in changes:
            if change.old is None or change.old["courseid"] not in courses:
                self.refused.append((change, self.gone))
            elif change.object in taken:
                self.refused.append((change, TAKEN))
            else:
                image = {c: change.old[c] for c in columns if c in change.old}
                back.append(image)
                self.note(change, new=image)
        rows.put_back(self.tx.db, "enrol", back)
