"""Taking back what a run did to cohorts themselves; their members are rows of a table like any other.

A cohort that the run made goes again once it is empty and nothing stands on it: what a night made by mistake leaves no
trace. One that it deleted comes back with its id, so that its members can follow.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from greffe.apply import rows
from greffe.apply.journal import ChangeRecord
from greffe.apply.made_undo import MadeUndo
from greffe.apply.rows import COHORT
from greffe.apply.stays import TAKEN
from greffe.methods.members import COLUMNS
from greffe.model import Action
from greffe.moodle.cohorts import CohortReader

TWIN = "another cohort has its idnumber by now"

OPPOSITE = {
    Action.CREATE_COHORT: Action.DELETE_COHORT,
    Action.RESTORE_COHORT: Action.DELETE_COHORT,
    Action.DELETE_COHORT: Action.RESTORE_COHORT,
    Action.UPDATE_COHORT: Action.UPDATE_COHORT,
    Action.ADOPT_COHORT: Action.RELEASE_COHORT,
    Action.RELEASE_COHORT: Action.ADOPT_COHORT,
}


class CohortUndo(MadeUndo):
    """Takes back some of a run's changes to cohorts in the transaction that is open."""

    table = "cohort"
    written = (*COLUMNS, "timemodified")
    looked_at = COHORT
    write = "write_cohorts"
    own = ("set_owned", "cohorts")
    opposite = OPPOSITE
    adopt, release = Action.ADOPT_COHORT, Action.RELEASE_COHORT
    gone = "the cohort, or the place where it was, is gone"
    in_use = "people are in it, or something stands on it since"

    def held(self, ids: Collection[int]) -> dict[int, dict[str, Any]]:
        """Cohorts, whole."""
        return rows.hold(self.tx.db, "cohort", COHORT, ids)

    def used(self, ids: Collection[int]) -> Collection[int]:
        """Cohorts with members, or on which something stands."""
        members = {int(r[0]) for r in self.tx.db.query("cohorts_with_members", cohorts=list(ids))}
        return members | CohortReader(self.tx.db).used(ids).keys()

    def homeless(self, changes: Sequence[ChangeRecord], there: Mapping[int, Mapping[str, Any]]) -> set[int]:
        """Cohorts that were moved, and whose former place is gone."""
        old = {c.id: c.old["contextid"] for c in changes if c.old}
        moved = {c.id for c in changes if c.object in there and there[c.object]["contextid"] != old.get(c.id)}
        places = rows.present(self.tx.db, "context", {old[i] for i in moved if i in old})
        return {i for i in moved if old.get(i) not in places}

    def restore(self, changes: Sequence[ChangeRecord]) -> None:
        """Cohorts that the run deleted, before their members."""
        if not changes:
            return
        images = {c.object: c.old for c in changes if c.old}
        places = rows.present(self.tx.db, "context", {i["contextid"] for i in images.values()})
        names = {str(i["idnumber"]) for i in images.values() if i["idnumber"]}
        reader = CohortReader(self.tx.db)
        taken = self.held({c.object for c in changes})
        # as the database compares them: a name in another case is a twin on MariaDB
        twins = {name for name in names if reader.alike([name])} if reader.alike(names) else set()
        back = []
        for change in changes:
            image = images.get(change.object)
            if change.object in taken:
                self.refused.append((change, TAKEN))
            elif image is None or image["contextid"] not in places:
                self.refused.append((change, self.gone))
            elif image["idnumber"] in twins:
                self.refused.append((change, TWIN))
            else:
                back.append(image)
                self.note(change, new=image)
        rows.put_back(self.tx.db, "cohort", back)
