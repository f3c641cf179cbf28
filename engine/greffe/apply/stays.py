"""Which enrolments that a run added cannot be taken back: somebody wrote them since, or the person has been active."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from greffe.apply import departure, rows
from greffe.apply.departure import enrolled_elsewhere
from greffe.apply.groups import Image
from greffe.apply.journal import ChangeRecord, changes_of_people
from greffe.apply.tables import ENROLMENTS, TABLES
from greffe.apply.transaction import Transaction
from greffe.model import Action

CHANGED = "the row was changed since the run; look at it in Moodle"
TAKEN = "there is a newer row in its place"
TRACES = "the person has been active in the course since; taking the enrolment back would leave grades or posts behind"

LEFT = ("status", "timestart", "timeend", "timemodified")
"""What tells whether somebody wrote an enrolment after the run."""
_ADDED_AT = {"role_assignments": "timemodified", "groups_members": "timeadded"}

Place = tuple[int, int]


def as_left(change: ChangeRecord, row: Image) -> bool:
    """Whether a row is as the run left it: what it wrote is there, and nobody wrote after it."""
    expected: dict[str, Any] = {"userid": change.user}
    action = Action(change.action)
    if action is Action.ENROL and not (change.new and "id" in change.new):
        expected |= {"status": 0, "timestart": 0, "timeend": 0, "timemodified": change.made}
    elif action in (Action.SUSPEND, Action.REACTIVATE, Action.SET_TIMES):
        expected |= {c: (change.old or {}).get(c) for c in LEFT} | {"timemodified": change.made}
    elif action is Action.ASSIGN_ROLE:
        expected["roleid"] = change.role
    elif action is Action.JOIN_GROUP:
        expected["groupid"] = change.group
    elif action is Action.JOIN_COHORT:
        expected |= {"cohortid": change.cohort, "timeadded": change.made}
    expected |= change.new or {}
    now = msgspec.json.decode(rows.encode(row))
    return all(now.get(c, v) == v for c, v in expected.items())


@dataclass(frozen=True, slots=True)
class Stays:
    """Looks at enrolments in the transaction that is open."""

    tx: Transaction
    run: int
    columns: Mapping[str, tuple[str, ...]]

    def of(
        self, changes: Sequence[ChangeRecord], returning: Collection[Place] = frozenset()
    ) -> dict[Place, str]:
        """(method, person) of those of these added enrolments that stay → why. ``returning``: (course, person) who is about
        to get another enrolment there back."""
        if not changes:
            return {}
        there = rows.hold(
            self.tx.db, ENROLMENTS.name, self.columns[ENROLMENTS.name], {c.object for c in changes}
        )
        staying: dict[Place, str] = {}
        going: dict[Place, ChangeRecord] = {}
        people: list[tuple[int, int, int]] = []  # one person's enrolments by several methods may all go
        for change in changes:
            if change.object not in there:
                continue
            if as_left(change, there[change.object]):
                going[change.course, change.user] = change
                people.append((change.course, change.enrol, change.user))
            else:
                staying[change.enrol, change.user] = CHANGED
        last = going.keys() - enrolled_elsewhere(self.tx.db, people) - set(returning)
        reasons = self._traces({p: going[p] for p in last})
        staying.update(((enrol, u), reasons[c, u]) for c, enrol, u in people if (c, u) in reasons)
        return staying

    def _traces(self, going: Mapping[Place, ChangeRecord]) -> dict[Place, str]:
        """Who has something in the course that neither goes with the enrolment nor was there before the run: a last
        unenrolment would have to clean it up (unenrol_user)."""
        left: dict[Place, list[tuple[str, Image]]] = defaultdict(list)
        if not going:
            return {}
        for trace in departure.TRACES:
            if trace.table not in self.columns:
                continue
            whose = departure.find(self.tx.db, trace, sorted(going))
            ids = whose.keys() - self.tx.gone[trace.table]
            for id_, row in rows.hold(self.tx.db, trace.table, self.columns[trace.table], ids).items():
                place = whose[id_]
                if not _came_along(trace.table, row, going[place]):
                    left[place].append((trace.table, row))
        return self._judged(left)

    def _judged(self, left: Mapping[Place, Collection[tuple[str, Image]]]) -> dict[Place, str]:
        """What the run itself added goes with it, if it is still as it was."""
        if not left:
            return {}
        added = {
            (TABLE_OF[c.action], c.object): c
            for c in changes_of_people(self.tx.db, self.run, {u for _, u in left})
            if c.action in TABLE_OF
        }
        staying: dict[Place, str] = {}
        for place, found in left.items():
            for table, row in found:
                change = added.get((table, row["id"]))
                if change is None:
                    staying[place] = TRACES
                elif not as_left(change, row):
                    staying.setdefault(place, CHANGED)
        return staying


TABLE_OF = {t.added.value: t.name for t in TABLES}
"""What the journal calls an added row → its table."""


def _came_along(table: str, row: Image, change: ChangeRecord) -> bool:
    """Whether the row was written in the same transaction as the enrolment, through the same method."""
    at = _ADDED_AT.get(table)
    return (
        at is not None
        and row[at] == change.made
        and row["component"].startswith("enrol_")  # ids of instances are unique over all methods
        and row["itemid"] == change.enrol
    )
