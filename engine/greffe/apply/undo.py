"""Taking a run back from its journal: newest change first, each row only if it is still as the run left it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from greffe.apply import rows as rows_
from greffe.apply.journal import ChangeRecord
from greffe.apply.ledger import Ledger, image
from greffe.apply.rows import ENROLMENT, MEMBERSHIP, ROLE
from greffe.apply.transaction import Refused
from greffe.methods.database import COMPONENT
from greffe.model import Action, Batch, Reason
from greffe.moodle.database import Database, Row

CHANGED = "the row was changed since the run; look at it in Moodle"
TRACES = "the person has been active in the course since; taking the enrolment back would leave grades or posts behind"
STAYS = "the person's enrolment, to which it belongs, cannot be taken back"
GONE = "the course, the method, the group or the person is gone"
TAKEN = "there is a newer row in its place"

LEFT = ("status", "timestart", "timeend", "timemodified")
"""What tells whether somebody wrote an enrolment after the run."""
_encode = msgspec.json.encode

_OPPOSITE = {
    Action.ENROL: Action.UNENROL,
    Action.UNENROL: Action.ENROL,
    Action.SUSPEND: Action.REACTIVATE,
    Action.SET_TIMES: Action.SET_TIMES,
    Action.ASSIGN_ROLE: Action.REMOVE_ROLE,
    Action.REMOVE_ROLE: Action.ASSIGN_ROLE,
    Action.JOIN_GROUP: Action.LEAVE_GROUP,
    Action.LEAVE_GROUP: Action.JOIN_GROUP,
}


def opposite(change: ChangeRecord) -> Action | None:
    """What takes a change back. None for created methods and groups, which stay (empty, they do no harm), and for
    the second copy of a role, whose first copy was never away."""
    action = Action(change.action)
    if change.reason == Reason.DUPLICATE:
        return None
    if action is Action.REACTIVATE:
        return Action.SUSPEND if change.old and change.old["status"] else Action.SET_TIMES
    return _OPPOSITE.get(action)


@dataclass(slots=True)
class Undoer:
    """Takes back some changes in the transaction that is open."""

    db: Database
    now: int
    ledger: Ledger
    names: dict[int, str]
    """Course → what people call it."""
    refused: dict[tuple[int, str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    staying: Collection[tuple[int, int]] = ()
    """(method, person) whose enrolment was found to stay: so do the roles and groups that came with it."""
    done: list[int] = field(default_factory=list)
    """Journal rows that are taken back now."""

    def take_back(self, changes: Sequence[ChangeRecord]) -> None:
        """Take back a slice of the journal, given newest first. Within a slice: roles and groups before the
        enrolments they hang on, restored enrolments before what hangs on them."""
        by: dict[Action, list[ChangeRecord]] = defaultdict(list)
        for change in changes:
            by[Action(change.action)].append(change)
        self._restore_enrolments(by[Action.UNENROL])
        self._reset([*by[Action.SUSPEND], *by[Action.REACTIVATE], *by[Action.SET_TIMES]])
        self._restore_roles(by[Action.REMOVE_ROLE])
        self._restore_memberships(by[Action.LEAVE_GROUP])
        self._drop(by[Action.ASSIGN_ROLE], "roles_by_id", "role_assignments", Action.REMOVE_ROLE)
        self._drop(by[Action.JOIN_GROUP], "memberships_by_id", "groups_members", Action.LEAVE_GROUP)
        self._drop_enrolments(by[Action.ENROL])

    def refusals(self) -> list[Refused]:
        """What was not taken back, and why."""
        return [
            Refused(self.names.get(course, str(course)), action, reason, sorted(users))
            for (course, action, reason), users in sorted(self.refused.items())
        ]

    # -- rows that the run added ---------------------------------------------------------------------------
    def _drop(self, changes: list[ChangeRecord], look: str, delete: str, action: Action) -> None:
        if not changes:
            return
        for change in changes:
            if (change.enrol, change.user) in self.staying:
                self._refuse(change, STAYS)
        changes = [c for c in changes if (c.enrol, c.user) not in self.staying]
        if not changes:
            return
        there = {r[0]: r for r in self.db.query(look, ids=sorted(c.object for c in changes))}
        found = [c for c in changes if c.object in there]
        if found:
            rows_.delete(self.db, delete, [c.object for c in found])
        columns = ROLE if action is Action.REMOVE_ROLE else MEMBERSHIP
        self._note(action, found, [image(columns, there[c.object]) for c in found])
        self.done += [c.id for c in changes if c.object not in there]

    def stay(self, changes: Sequence[ChangeRecord]) -> set[tuple[int, int]]:
        """(method, person) of those of the run's enrolments that cannot be taken back."""
        enrolled = [c for c in changes if c.action == Action.ENROL]
        going = {c.id for c in self._removable(enrolled, self._rows_of(enrolled))}
        refused = {(c, u) for (c, _, _), users in self.refused.items() for u in users}
        return {(c.enrol, c.user) for c in enrolled if c.id not in going and (c.course, c.user) in refused}

    def _drop_enrolments(self, changes: list[ChangeRecord]) -> None:
        rows = self._rows_of(changes)
        found = self._removable(changes, rows)
        if found:
            rows_.delete(self.db, "user_enrolments", [c.object for c in found])
        self._note(Action.UNENROL, found, [image(ENROLMENT, rows[c.object]) for c in found])

    def _removable(self, changes: Sequence[ChangeRecord], rows: dict[int, Row]) -> list[ChangeRecord]:
        """Those whose row is as the run left it, and whose person left nothing behind in the course."""
        found: list[ChangeRecord] = []
        for change in changes:
            row = rows.get(change.object)
            if row is None:
                self.done.append(change.id)
            elif self._as_left(change, row):
                found.append(change)
            else:
                self._refuse(change, CHANGED)
        for (course, enrol), part in _by_place(found):
            users = sorted({c.user for c in part})
            who = {"course": course, "enrol": enrol, "users": users}
            elsewhere = {r[0] for r in self.db.query("enrolments_elsewhere", **who)}
            traces = {r[0] for r in self.db.query("traces_in_course", component=COMPONENT, **who)}
            for change in part:
                if change.user in traces - elsewhere:
                    self._refuse(change, TRACES)
                    found.remove(change)
        return found

    # -- rows that the run changed -------------------------------------------------------------------------
    def _reset(self, changes: list[ChangeRecord]) -> None:
        rows = self._rows_of(changes)
        groups: dict[tuple[int, int, int, int], list[int]] = defaultdict(list)
        for change in changes:
            row, old = rows.get(change.object), change.old
            if row is None or old is None:
                self._refuse(change, GONE)
            elif not self._as_left(change, row):
                self._refuse(change, CHANGED)
            else:
                key = (old["status"], old["timestart"], old["timeend"], old["modifierid"])
                groups[key].append(change.object)
                action = opposite(change) or Action.SET_TIMES
                new = f'{{"status":{key[0]},"timestart":{key[1]},"timeend":{key[2]}}}'
                self._note(action, [change], [image(ENROLMENT, row)], new)
        for (status, start, end, modifier), ids in sorted(groups.items()):
            self.db.execute(
                "restore_enrolment", status=status, timestart=start, timeend=end, modifier=modifier,
                ids=sorted(ids), now=self.now,
            )  # fmt: skip

    # -- rows that the run took away -----------------------------------------------------------------------
    def _restore_enrolments(self, changes: list[ChangeRecord]) -> None:
        if not changes:
            return
        who = {"enrols": sorted({c.enrol for c in changes}), "users": sorted({c.user for c in changes})}
        taken = {(r[0], r[1]) for r in self.db.query("enrolments_of_people", **who)}
        alive = self._living("living_methods", {c.enrol for c in changes})
        kept = self._restorable(changes, lambda c: (c.enrol, c.user) in taken, lambda c: c.enrol in alive)
        columns = _columns(ENROLMENT, kept) | {"enrolid": [c.enrol for c in kept]}
        self._insert("restore_enrolments", Action.ENROL, kept, columns)

    def _restore_roles(self, changes: list[ChangeRecord]) -> None:
        if not changes:
            return
        who = {"enrols": sorted({c.enrol for c in changes}), "users": sorted({c.user for c in changes})}
        taken = {tuple(r) for r in self.db.query("roles_of_people", component=COMPONENT, **who)}
        alive = self._living("living_contexts", {c.old["contextid"] for c in changes if c.old})

        def place(c: ChangeRecord) -> tuple[Any, ...]:
            old = c.old or {}
            return old["roleid"], old["contextid"], old["userid"], old["component"], old["itemid"]

        kept = self._restorable(changes, lambda c: place(c) in taken, lambda c: place(c)[1] in alive)
        self._insert("restore_roles", Action.ASSIGN_ROLE, kept, _columns(ROLE, kept))

    def _restore_memberships(self, changes: list[ChangeRecord]) -> None:
        if not changes:
            return
        who = {"groups": sorted({c.group for c in changes}), "users": sorted({c.user for c in changes})}
        taken = {(r[0], r[1]) for r in self.db.query("memberships_of_people", **who)}
        alive = self._living("living_groups", {c.group for c in changes})
        kept = self._restorable(changes, lambda c: (c.group, c.user) in taken, lambda c: c.group in alive)
        self._insert("restore_memberships", Action.JOIN_GROUP, kept, _columns(MEMBERSHIP, kept))

    def _restorable(
        self,
        changes: list[ChangeRecord],
        taken: Callable[[ChangeRecord], bool],
        alive: Callable[[ChangeRecord], bool],
    ) -> list[ChangeRecord]:
        people = self._living("living_people", {c.user for c in changes})
        kept = []
        for change in changes:
            if taken(change):
                self._refuse(change, TAKEN)
            elif change.user not in people or not alive(change):
                self._refuse(change, GONE)
            else:
                kept.append(change)
        return kept

    def _living(self, statement: str, ids: Iterable[int]) -> set[int]:
        return {r[0] for r in self.db.query(statement, ids=sorted(set(ids)))}

    def _insert(
        self, name: str, action: Action, kept: list[ChangeRecord], columns: dict[str, list[Any]]
    ) -> None:
        if not kept:
            return
        self.db.insert(name, columns)
        for change in kept:
            # an enrolment comes back with its old clock, which is how this very undo can be undone
            old = change.old if action is Action.ENROL else None
            new = _encode({c: old[c] for c in LEFT}).decode() if old else None
            self._note(action, [change], new=new)

    # -- shared --------------------------------------------------------------------------------------------
    def _rows_of(self, changes: list[ChangeRecord]) -> dict[int, Row]:
        ids = sorted({c.object for c in changes})
        return {r[0]: r for r in self.db.query("enrolments_by_id", ids=ids)} if ids else {}

    def _as_left(self, change: ChangeRecord, row: Row) -> bool:
        """Whether an enrolment is as the run left it: what it wrote is there, and nobody wrote after it."""
        left = {"status": 0, "timestart": 0, "timeend": 0} if change.old is None else dict(change.old)
        left |= {"timemodified": change.made} | (change.new or {})
        return (row[2], row[3], row[4], row[7]) == tuple(left[c] for c in LEFT)

    def _refuse(self, change: ChangeRecord, reason: str) -> None:
        self.refused[change.course, change.action, reason].append(change.user)

    def _note(
        self,
        action: Action,
        changes: Collection[ChangeRecord],
        old: Sequence[str] = (),
        new: str | None = None,
    ) -> None:
        for at, c in enumerate(changes):
            batch = Batch(action=action, course=c.course, reason=Reason.UNDO)
            before = [old[at]] if old else []
            self.ledger.add(
                action, batch, c.enrol, [c.user], [c.object], role=c.role, group=c.group, old=before, new=new
            )
            self.done.append(c.id)


def _columns(names: Sequence[str], changes: Sequence[ChangeRecord]) -> dict[str, list[Any]]:
    return {n: [c.old[n] for c in changes if c.old] for n in names}


def _by_place(changes: Iterable[ChangeRecord]) -> list[tuple[tuple[int, int], list[ChangeRecord]]]:
    parts: dict[tuple[int, int], list[ChangeRecord]] = defaultdict(list)
    for change in changes:
        parts[change.course, change.enrol].append(change)
    return sorted(parts.items())
