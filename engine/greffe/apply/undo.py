"""Taking a run back from its journal, newest change first: rows that it added go, rows that it deleted come back with
their own ids, rows that it changed are as they were; each only if it is still as the run left it."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from greffe.apply import cohort_undo, grouping_undo, method_undo, rows
from greffe.apply.cohort_undo import CohortUndo
from greffe.apply.grouping_undo import GroupingUndo
from greffe.apply.groups import Groups, Image
from greffe.apply.journal import ChangeRecord
from greffe.apply.method_undo import MethodUndo
from greffe.apply.stays import CHANGED, LEFT, TAKEN, Stays, as_left
from greffe.apply.tables import (
    CONVERSATIONS,
    ENROLMENTS,
    GRADES,
    MEMBERSHIPS,
    OPPOSITE,
    ROLES,
    TABLES,
    Table,
)
from greffe.apply.transaction import Refused, Transaction
from greffe.model import OF_METHOD, Action, Batch, Reason

STAYS = "the person's enrolment, to which it belongs, cannot be taken back"
LOST = "the person's enrolment, to which it belongs, cannot be brought back"
GONE = "what it belongs to (the course, the method, the group, the activity or the person) is gone"
HOME_LOST = "the cohort or method, to which it belongs, cannot be brought back"


_REWRITES = (Action.UPDATE_METHOD, Action.DISABLE_METHOD, Action.ADOPT_METHOD, Action.RELEASE_METHOD)


def opposite(change: ChangeRecord) -> Action | None:
    """What takes a change back. None for groups, groupings and methods ``database`` that were created: empty
    they do no harm."""
    action = Action(change.action)
    if action in OF_METHOD:
        return method_undo.opposite(change)
    if action in grouping_undo.OPPOSITE:
        return grouping_undo.OPPOSITE[action]
    if action in cohort_undo.OPPOSITE:
        return cohort_undo.OPPOSITE[action]
    if action is Action.REACTIVATE:
        return Action.SUSPEND if change.old and change.old["status"] else Action.SET_TIMES
    return {Action.SUSPEND: Action.REACTIVATE, Action.SET_TIMES: Action.SET_TIMES, **OPPOSITE}.get(action)


@dataclass(slots=True)
class Memory:
    """What is known over all slices of one undo."""

    columns: Mapping[str, tuple[str, ...]]
    """Table → its columns on this site."""
    staying: dict[tuple[int, int], str] = field(default_factory=dict)
    """(method, person) whose enrolment cannot be taken back → why: so stays all that came with it."""
    returning: set[tuple[int, int]] = field(default_factory=set)
    """(course, person) who gets an enrolment back: none that is taken back there is his last."""
    lost: set[tuple[int, int]] = field(default_factory=set)
    """(course, person) whose enrolment cannot be brought back: nor can what belongs to it."""
    lost_cohorts: set[int] = field(default_factory=set)
    """Cohorts that cannot be brought back: what has their id by now is another one, and nobody's members are put there…"""
    lost_methods: set[int] = field(default_factory=set)
    """…and method instances."""
    restored: set[int] = field(default_factory=set)
    """Roles that this undo brought back: of several equal ones none stands in another's place."""
    history: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    """Grade that is back → (course, person, rows of its history that stay)."""


@dataclass(slots=True)
class Undoer:
    """Takes back some changes in the transaction that is open."""

    tx: Transaction
    run: int
    """The run that is taken back."""
    names: Mapping[int, str]
    """Course → what people call it."""
    cohort_names: Mapping[int, str]
    memory: Memory
    refused: dict[tuple[int, int, str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    done: list[int] = field(default_factory=list)
    """Journal rows that are taken back now."""
    _back_in_groups: list[ChangeRecord] = field(default_factory=list)
    _groups: Groups = field(init=False)

    def __post_init__(self) -> None:
        self._groups = Groups(self.tx)

    def take_back(self, changes: Sequence[ChangeRecord]) -> None:
        """Take back a slice of the journal, given newest first. Within a slice: restored enrolments before what hangs
        on them; all that hangs on an added enrolment before that."""
        by: dict[Action, list[ChangeRecord]] = defaultdict(list)
        for change in changes:
            by[Action(change.action)].append(change)
        cohorts = CohortUndo(self.tx)
        cohorts.restore(by[Action.DELETE_COHORT])
        self.memory.lost_cohorts |= {change.object for change, _ in cohorts.refused}
        methods = MethodUndo(self.tx)
        methods.restore(by[Action.DELETE_METHOD])
        self.memory.lost_methods |= {change.object for change, _ in methods.refused}
        groupings = GroupingUndo(self.tx)
        groupings.take_out(by[Action.JOIN_GROUPING])
        groupings.bring_back(by[Action.LEAVE_GROUPING])
        self._make_room(by)
        for table in TABLES:
            self._bring_back(table, by[table.removed])
        self._into_conversations()
        self._reset([*by[Action.SUSPEND], *by[Action.REACTIVATE], *by[Action.SET_TIMES]])
        for table in reversed(TABLES):
            self._take_out(table, by[table.added])
        self._groups.write()
        self.tx.delete_what_goes()
        methods.reset([c for a in _REWRITES for c in by[a]])
        methods.take_out(
            [c for a in (Action.CREATE_METHOD, Action.RESTORE_METHOD) for c in by[a] if opposite(c)]
        )
        cohorts.reset([*by[Action.UPDATE_COHORT], *by[Action.ADOPT_COHORT], *by[Action.RELEASE_COHORT]])
        cohorts.take_out([*by[Action.CREATE_COHORT], *by[Action.RESTORE_COHORT]])
        self.done += [*methods.done, *cohorts.done, *groupings.done]
        for change, reason in (*methods.refused, *cohorts.refused, *groupings.refused):
            self._refuse(change, reason)

    def _make_room(self, by: dict[Action, list[ChangeRecord]]) -> None:
        """Who left a group by one method and joined it by another: the new membership goes before the old one is back."""
        for table in (CONVERSATIONS, MEMBERSHIPS):
            old = {(c.group, c.user) for c in by[table.removed]}
            new = [c for c in by[table.added] if (c.group, c.user) in old]
            if new:
                by[table.added] = [c for c in by[table.added] if (c.group, c.user) not in old]
                self._take_out(table, new)
                self._groups.returning |= {(c.group, c.user) for c in new}
                rows.delete(self.tx.db, table.name, self.tx.gone[table.name])

    def refusals(self) -> list[Refused]:
        """What was not taken back, and why."""
        return [
            Refused(self._name(course, cohort), action, reason, sorted(users))
            for (course, cohort, action, reason), users in sorted(self.refused.items())
        ]

    def _name(self, course: int, cohort: int) -> str:
        if cohort:
            return f"cohort {self.cohort_names.get(cohort, f'id {cohort}')}"
        return self.names.get(course, str(course))

    def look(self, changes: Sequence[ChangeRecord]) -> None:
        """Note whose enrolment cannot be taken back, before anything that belongs to it is."""
        self.memory.returning.update((c.course, c.user) for c in changes if c.action == Action.UNENROL)
        enrolled = [c for c in changes if c.action == Action.ENROL]
        self.memory.staying |= self._stays().of(enrolled, self.memory.returning)

    def _stays(self) -> Stays:
        return Stays(self.tx, self.run, self.memory.columns)

    # -- rows that the run added ---------------------------------------------------------------------------
    def _take_out(self, table: Table, changes: list[ChangeRecord]) -> None:
        if not changes:
            return
        staying = self.memory.staying
        if table is ENROLMENTS:  # somebody may have been active there since the first look
            staying |= self._stays().of([c for c in changes if (c.enrol, c.user) not in staying])
        there = self._held(table, [c.object for c in changes])
        parts: dict[tuple[int, int, int, int, int], list[Image]] = defaultdict(list)
        for change in changes:
            row = there.get(change.object)
            if row is None:
                self.done.append(change.id)
            elif reason := staying.get((change.enrol, change.user)):
                self._refuse(change, reason if table is ENROLMENTS else STAYS)
            elif not as_left(change, row):
                self._refuse(change, CHANGED)
            else:
                parts[change.course, change.enrol, change.role, change.group, change.cohort].append(row)
                self.done.append(change.id)
        for (course, enrol, role, group, cohort), found in sorted(parts.items(), key=lambda p: p[0]):
            batch = _batch(table.removed, course)
            if table is MEMBERSHIPS:
                self._groups.leave(batch, enrol, group, found)
            else:
                self.tx.remove(
                    table.name, table.removed, batch, enrol, found, role=role, group=group, cohort=cohort
                )

    # -- rows that the run changed -------------------------------------------------------------------------
    def _reset(self, changes: list[ChangeRecord]) -> None:
        if not changes:
            return
        there = self._held(ENROLMENTS, [c.object for c in changes])
        former: list[Image] = []
        for change in changes:
            row, old = there.get(change.object), change.old
            if row is None or old is None:
                self._refuse(change, GONE)
            elif not as_left(change, row):
                self._refuse(change, CHANGED)
            else:
                image = {c: old[c] for c in ("id", *LEFT, "modifierid")}
                former.append(image)
                action = opposite(change) or Action.SET_TIMES
                self._note(action, change, old=rows.encode(row), new=rows.encode(image))
        for part in rows.texts(former):
            self.tx.db.execute("reset_enrolments", images=part)

    # -- rows that the run took away -----------------------------------------------------------------------
    def _bring_back(self, table: Table, changes: list[ChangeRecord]) -> None:
        if not changes:
            return
        columns = self.memory.columns.get(table.name)
        if columns is None:
            for change in changes:
                self._refuse(change, GONE)
            return
        free = [(c, c.old) for c in self._without_taken(table, changes) if c.old]
        homes = {
            column: rows.present(self.tx.db, home, {old[column] for _, old in free})
            for column, home in table.homes.items()
        }
        people = {r[0] for r in self.tx.db.query("living_people", ids=sorted({c.user for c, _ in free}))}
        kept: list[tuple[ChangeRecord, Image]] = []
        for change, old in free:
            if change.cohort in self.memory.lost_cohorts or change.enrol in self.memory.lost_methods:
                self._refuse(change, HOME_LOST)
                if table is ENROLMENTS:
                    self.memory.lost.add((change.course, change.user))
            elif change.user not in people or any(old[c] not in there for c, there in homes.items()):
                self._refuse(change, GONE)
                if table is ENROLMENTS:
                    self.memory.lost.add((change.course, change.user))
            elif (change.course, change.user) in self.memory.lost:
                self._refuse(change, LOST)
            else:
                kept.append((change, {c: old[c] for c in columns if c in old}))
        rows.put_back(self.tx.db, table.name, [image for _, image in kept])
        for change, image in kept:
            self._note(table.added, change, new=rows.encode(image))
        if table is ROLES:
            self.memory.restored.update(c.object for c, _ in kept)
        elif table is MEMBERSHIPS:
            self._back_in_groups += [c for c, _ in kept]
        elif table is GRADES:
            self._list_history([c for c, _ in kept])

    def _without_taken(self, table: Table, changes: list[ChangeRecord]) -> list[ChangeRecord]:
        """Those whose place is free."""
        pairs = sorted({(c.old[table.place], c.user) for c in changes if c.old})
        keys = {"place": array("q", [p for p, _ in pairs]), "user": array("q", [u for _, u in pairs])}
        found = self.tx.db.lookup("rows_of_people", keys, table=table.name, named=(table.place,))
        there = self._held(table, {int(r[0]) for r in found} | {c.object for c in changes})
        ours = self.memory.restored if table is ROLES else ()
        taken = {table.key_of(row) for id_, row in there.items() if id_ not in ours}
        free = []
        for change in changes:
            second = (
                change.reason == Reason.DUPLICATE
            )  # the second copy of a role, whose first was never away
            if change.object in there or (not second and change.old and table.key_of(change.old) in taken):
                self._refuse(change, TAKEN)
            else:
                free.append(change)
        return free

    def _into_conversations(self) -> None:
        """A conversation that the group has got since takes its members in, as if they had never left."""
        parts: dict[tuple[int, int, int], list[int]] = defaultdict(list)
        for c in self._back_in_groups:
            parts[c.course, c.enrol, c.group].append(c.user)
        self._groups.join_conversations(
            [(_batch(Action.JOIN_GROUP, course), e, g, users) for (course, e, g), users in parts.items()]
        )
        self._groups.touched.update(g for _, _, g in parts)

    def _list_history(self, changes: list[ChangeRecord]) -> None:
        """What Moodle keeps of a deleted grade, it keeps; but people are told."""
        if not changes:
            return
        of = {c.object: c for c in changes}
        for oldid, number in self.tx.db.query("history_of_grades", ids=sorted(of)):
            self.memory.history[oldid] = (of[oldid].course, of[oldid].user, number)

    # -- shared --------------------------------------------------------------------------------------------
    def _held(self, table: Table, ids: Collection[int]) -> dict[int, dict[str, Any]]:
        columns = self.memory.columns.get(table.name)
        return rows.hold(self.tx.db, table.name, columns, ids) if columns else {}

    def _refuse(self, change: ChangeRecord, reason: str) -> None:
        users = self.refused[change.course, change.cohort, change.action, reason]
        if change.user:
            users.append(change.user)

    def _note(self, action: Action, c: ChangeRecord, *, old: str | None = None, new: str) -> None:
        before = [old] if old else []
        self.tx.ledger.add(
            action, _batch(action, c.course), c.enrol, [c.user], [c.object], role=c.role, group=c.group, cohort=c.cohort, old=before, new=new
        )  # fmt: skip
        self.done.append(c.id)


def _batch(action: Action, course: int) -> Batch:
    return Batch(action=action, course=course, reason=Reason.UNDO)
