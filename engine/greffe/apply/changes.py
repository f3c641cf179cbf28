"""One course's part of a plan becomes rows: what each action writes, after a second look at the rows concerned.

Sources of the rules: moodle-writes §1.1 (instances), §2.1–2.4 (enrolments, roles), §7 (groups). A row that is
already as the plan wants it is left alone; a row that somebody made or took away since is not written twice.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from greffe.apply.departure import Departures, Leaving
from greffe.apply.groups import Groups
from greffe.apply.ledger import image
from greffe.apply.rows import ENROLMENT, ROLE
from greffe.apply.transaction import PLACE_GONE, Piece, Refused, Transaction
from greffe.methods.database import METHOD
from greffe.model import Action, Batch, Reason
from greffe.moodle.database import Row
from greffe.moodle.scopes import INDEXES

Times = tuple[int, int]
_ROLE_COLUMNS = ("role", "context", "user", "enrol")


@dataclass(frozen=True, slots=True)
class _Noted:
    """New rows of one batch, from the ``at``-th of their statement on."""

    at: int
    batch: Batch
    enrol: int
    users: list[int]
    sources: list[int]


@dataclass(slots=True)
class Writer:
    """The rows of one transaction, gathered over its pieces so that each table is written once."""

    tx: Transaction
    _enrolments: dict[str, array[int]] = field(
        default_factory=lambda: {c: array("q") for c in ("status", "enrol", "user", "timestart", "timeend")}
    )
    _roles: dict[str, dict[str, array[int]]] = field(default_factory=dict)
    """Component → columns of new assignments."""
    _enrolled: list[_Noted] = field(default_factory=list)
    _assigned: dict[str, list[_Noted]] = field(default_factory=lambda: defaultdict(list))
    _status: defaultdict[tuple[int, Times | None], list[int]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _leaving: list[Leaving] = field(default_factory=list)
    _methods: dict[int, tuple[int, bool]] = field(default_factory=dict)
    """Course → (instance, whether this transaction made it)."""
    _lost_people: frozenset[int] = frozenset()
    _groups: Groups = field(init=False)

    def __post_init__(self) -> None:
        self._groups = Groups(self.tx)

    # -- gathering -----------------------------------------------------------------------------------------
    def gather(self, pieces: Sequence[Piece]) -> None:
        """Decide what the pieces' batches change, by the rows as they are now: one look at each table for all."""
        self._find_methods(sorted({p.course for p in pieces if _lacks_method(p)}))
        pieces = self._still_there(pieces)
        actions = [self._by_action(p) for p in pieces]
        instances = [self._methods[p.course] if _lacks_method(p) else (p.enrol, False) for p in pieces]
        known: dict[str, list[tuple[int, dict[Action, list[Batch]]]]] = defaultdict(list)
        for piece, by, (enrol, fresh) in zip(pieces, actions, instances, strict=True):
            if not fresh:
                known[piece.giver].append((enrol, by))
        everything = [pair for alike in known.values() for pair in alike]
        enrolments = self._enrolments_now(_pairs(everything, _TOUCHES_ENROLMENT))
        roles: dict[int, dict[tuple[int, int], list[Row]]] = {}
        for component, alike in sorted(known.items()):
            if component:
                roles |= self._roles_now(component, _pairs(alike, _TOUCHES_ROLES))
        hand = [(p.context, by) for p, by in zip(pieces, actions, strict=True) if p.by_hand]
        by_hand = self._roles_by_hand(_pairs(hand, _TOUCHES_ROLES))
        for piece, by, (enrol, _) in zip(pieces, actions, instances, strict=True):
            held = by_hand.get(piece.context, {}) if piece.by_hand else roles.get(enrol, {})
            self._decide(piece, by, enrol, enrolments.get(enrol, {}), held)
            self._groups.gather(piece, enrol, by)
        self._write_enrolments()  # before anybody leaves: who moves from one method to another keeps what he has there
        Departures(self.tx, self._groups).carry_out(self._leaving)
        self._groups.write()

    def _still_there(self, pieces: Sequence[Piece]) -> list[Piece]:
        """The pieces whose place is still there, and which people are: what is added to others would be nobody's."""
        enrols = sorted({p.enrol for p in pieces if not _lacks_method(p)})
        places = {r[0] for r in self.tx.db.query("places_now", enrols=enrols)} if enrols else set()
        people = {u for p in pieces for b in p.batches if b.action in _GAINS for u in b.users}
        if people:
            living = {r[0] for r in self.tx.db.query("living_people", ids=sorted(people))}
            self._lost_people = frozenset(people) - living
        kept = []
        for piece in pieces:
            if piece.course in self._methods if _lacks_method(piece) else piece.enrol in places:
                kept.append(piece)
            else:
                for batch in piece.batches:
                    self.tx.refused.append(Refused(piece.name, batch.action.value, PLACE_GONE, batch.users))
        return kept

    def _by_action(self, piece: Piece) -> dict[Action, list[Batch]]:
        by: dict[Action, list[Batch]] = defaultdict(list)
        for batch in piece.batches:
            by[batch.action].append(self._without_lost_people(batch))
        return by

    def _without_lost_people(self, batch: Batch) -> Batch:
        if batch.action not in _GAINS or self._lost_people.isdisjoint(batch.users):
            return batch
        kept = [(u, s) for u, s in zip(batch.users, batch.sources, strict=True) if u not in self._lost_people]
        return msgspec.structs.replace(batch, users=[u for u, _ in kept], sources=[s for _, s in kept])

    def _decide(
        self,
        piece: Piece,
        by: dict[Action, list[Batch]],
        enrol: int,
        enrolments: dict[int, Row],
        roles: dict[tuple[int, int], list[Row]],
    ) -> None:
        for batch in (*by[Action.ENROL], *by[Action.REACTIVATE]):
            self._activate(batch, enrol, enrolments)
        for batch in by[Action.SET_TIMES]:
            self._set_times(batch, enrol, enrolments)
        for batch in by[Action.ASSIGN_ROLE]:
            self._assign(batch, enrol, piece, roles)
        for batch in by[Action.REMOVE_ROLE]:
            self._remove_role(batch, enrol, roles)
        for batch in by[Action.SUSPEND]:
            self._suspend(batch, enrol, enrolments)
        for batch in by[Action.UNENROL]:
            self._unenrol(batch, enrol, piece, enrolments, roles)

    def _find_methods(self, courses: list[int]) -> None:
        """The courses' instances, created under a lock on the courses' rows where there are none."""
        if not courses:
            return
        courses = [int(r[0]) for r in self.tx.db.query("lock_courses", courses=courses)]
        if not courses:
            return  # deleted since the plan
        there = {
            int(c): int(e) for c, e in self.tx.db.query("methods_of_courses", method=METHOD, courses=courses)
        }
        self._methods.update((c, (e, False)) for c, e in there.items())
        if not (missing := [c for c in courses if c not in there]):
            return
        orders = {int(c): int(order) for c, order in self.tx.db.query("next_sortorder", courses=missing)}
        columns = {
            "course": array("q", missing),
            "sortorder": array("q", [orders.get(c, 0) for c in missing]),
        }
        made = self.tx.db.insert("add_methods", columns, method=METHOD, now=self.tx.now)
        for enrol, course in made:
            self._methods[course] = (enrol, True)
            batch = Batch(action=Action.CREATE_METHOD, course=course, reason=Reason.REGISTERED)
            self.tx.ledger.add(Action.CREATE_METHOD, batch, enrol, [0], [enrol])

    def _enrolments_now(self, pairs: list[tuple[int, int]]) -> dict[int, dict[int, Row]]:
        """Instance → person → his row, held until the end of the transaction."""
        found: dict[int, dict[int, Row]] = defaultdict(dict)
        if pairs:
            for row in self._held("enrolments_now", "user_enrolments", pairs):
                found[row[8]][row[1]] = row
        return found

    def _held(self, name: str, table: str, pairs: list[tuple[int, int]], component: str = "") -> list[Row]:
        """Rows of these (instance, person), and no row of anybody else's held on the way to them."""
        db = self.tx.db
        return db.lookup(name, _columns(pairs), hint=db.along(table, INDEXES[table]), component=component)

    def _roles_now(
        self, component: str, pairs: list[tuple[int, int]]
    ) -> dict[int, dict[tuple[int, int], list[Row]]]:
        """Instance → (person, role) → his assignments, lowest id first."""
        found: dict[int, dict[tuple[int, int], list[Row]]] = defaultdict(lambda: defaultdict(list))
        if pairs:
            for row in sorted(self._held("roles_now", "role_assignments", pairs, component)):
                found[row[7]][row[1], row[2]].append(row)
        return found

    def _roles_by_hand(self, pairs: list[tuple[int, int]]) -> dict[int, dict[tuple[int, int], list[Row]]]:
        """Context → (person, role) → what he holds there of nobody, lowest id first."""
        found: dict[int, dict[tuple[int, int], list[Row]]] = defaultdict(lambda: defaultdict(list))
        if pairs:
            hint = self.tx.db.along("role_assignments", "userid,contextid,roleid")
            columns = {
                "context": array("q", [c for c, _ in pairs]),
                "user": array("q", [u for _, u in pairs]),
            }
            for row in sorted(self.tx.db.lookup("roles_by_hand_now", columns, hint=hint)):
                found[row[3]][row[1], row[2]].append(row)
        return found

    # -- enrolments ----------------------------------------------------------------------------------------
    def _activate(self, batch: Batch, enrol: int, now: dict[int, Row]) -> None:
        times = batch.times or (0, 0)
        new = [(u, s) for u, s in zip(batch.users, batch.sources, strict=True) if u not in now]
        if new:
            users = [u for u, _ in new]
            at = len(self._enrolments["user"])
            self._enrolments["status"].extend([int(batch.suspended)] * len(users))
            self._enrolments["enrol"].extend([enrol] * len(users))
            self._enrolments["user"].extend(users)
            self._enrolments["timestart"].extend([times[0]] * len(users))
            self._enrolments["timeend"].extend([times[1]] * len(users))
            self._enrolled.append(_Noted(at, batch, enrol, users, [s for _, s in new]))
        if batch.suspended:
            return  # who has been enrolled since the plan stays as he is: the next night looks again
        sources = dict(zip(batch.users, batch.sources, strict=True))
        # enrol_user forces the times of a row that it finds, update_user_enrol keeps them
        force = times if batch.action is Action.ENROL else batch.times
        rows = [now[u] for u in batch.users if u in now]
        rows = [r for r in rows if r[2] != 0 or (force is not None and (r[3], r[4]) != force)]
        self._update(Action.REACTIVATE, batch, enrol, rows, 0, force, [sources[r[1]] for r in rows])

    def _set_times(self, batch: Batch, enrol: int, now: dict[int, Row]) -> None:
        rows = [now[u] for u in batch.users if u in now and (now[u][3], now[u][4]) != batch.times]
        sources = dict(zip(batch.users, batch.sources, strict=True))
        status = int(batch.suspended)
        self._update(Action.SET_TIMES, batch, enrol, rows, status, batch.times, [sources[r[1]] for r in rows])

    def _suspend(self, batch: Batch, enrol: int, now: dict[int, Row]) -> None:
        rows = [now[u] for u in batch.users if u in now and now[u][2] == 0]
        self._update(Action.SUSPEND, batch, enrol, rows, 1, batch.times, [])

    def _update(
        self,
        action: Action,
        batch: Batch,
        enrol: int,
        rows: list[Row],
        status: int,
        times: Times | None,
        sources: list[int],
    ) -> None:
        if not rows:
            return
        self._status[status, times].extend(r[0] for r in rows)
        new = (
            f'{{"status":{status}' + (f',"timestart":{times[0]},"timeend":{times[1]}' if times else "") + "}"
        )
        old = [image(ENROLMENT, r) for r in rows]
        users, objects = [r[1] for r in rows], [r[0] for r in rows]
        self.tx.ledger.add(action, batch, enrol, users, objects, sources=sources, old=old, new=new)

    def _unenrol(
        self,
        batch: Batch,
        enrol: int,
        piece: Piece,
        now: dict[int, Row],
        roles: dict[tuple[int, int], list[Row]],
    ) -> None:
        here = {u: now[u] for u in batch.users if u in now}
        if batch.reason is Reason.PURGED:  # who is active again is no leaver
            here = {u: r for u, r in here.items() if r[2] != 0}
        if not here:
            return
        held = [
            r
            for (user, _), found in sorted(roles.items())
            for r in found
            if user in here
            and r[3] == piece.context
            and not piece.by_hand  # such roles stay, unless it is the last
        ]
        self._leaving.append(Leaving(piece, batch, enrol, here, held))

    # -- roles ---------------------------------------------------------------------------------------------
    def _assign(self, batch: Batch, enrol: int, piece: Piece, now: dict[tuple[int, int], list[Row]]) -> None:
        new = [
            (u, s) for u, s in zip(batch.users, batch.sources, strict=True) if not now.get((u, batch.role))
        ]
        if not new:
            return
        users = [u for u, _ in new]
        columns = self._roles.setdefault(piece.giver, {c: array("q") for c in _ROLE_COLUMNS})
        at = len(columns["user"])
        columns["role"].extend([batch.role] * len(users))
        columns["context"].extend([piece.context] * len(users))
        columns["user"].extend(users)
        columns["enrol"].extend([piece.item(enrol)] * len(users))
        self._assigned[piece.giver].append(_Noted(at, batch, enrol, users, [s for _, s in new]))

    def _remove_role(self, batch: Batch, enrol: int, now: dict[tuple[int, int], list[Row]]) -> None:
        for user in batch.users:
            rows = now.get((user, batch.role), [])
            # of several equal assignments Moodle keeps the lowest id (role_assign)
            surplus = rows[1:] if batch.reason is Reason.DUPLICATE else rows
            if surplus:
                self._take_roles(batch, enrol, batch.role, surplus)
                now[user, batch.role] = rows[: len(rows) - len(surplus)]

    def _take_roles(self, batch: Batch, enrol: int, role: int, found: list[Row]) -> None:
        images = [dict(zip(ROLE, r, strict=True)) for r in found]
        self.tx.remove("role_assignments", Action.REMOVE_ROLE, batch, enrol, images, role=role)

    # -- writing -------------------------------------------------------------------------------------------
    def write(self) -> None:
        """Send everything that was gathered, each table in key order."""
        for component, columns in sorted(self._roles.items()):
            rows = self.tx.db.insert("add_roles", columns, component=component, modifier=self.tx.modifier, now=self.tx.now)  # fmt: skip
            for one in self._assigned[component]:
                self._note(Action.ASSIGN_ROLE, one, rows)
        for (status, times), ids in sorted(
            self._status.items(), key=lambda i: (i[0][0], i[0][1] or (-1, -1))
        ):
            who = {"ids": sorted(ids), "modifier": self.tx.modifier, "now": self.tx.now}
            if times is None:
                self.tx.db.execute("set_enrolment_status", status=status, **who)
            else:
                self.tx.db.execute(
                    "set_enrolment", status=status, timestart=times[0], timeend=times[1], **who
                )
        self.tx.delete_what_goes()

    def _write_enrolments(self) -> None:
        if not self._enrolments["user"]:
            return
        rows = self.tx.db.insert("add_enrolments", self._enrolments, modifier=self.tx.modifier, now=self.tx.now)  # fmt: skip
        for one in self._enrolled:
            self._note(Action.ENROL, one, rows, new=_unlike_a_plain_one(one.batch))

    def _note(self, action: Action, one: _Noted, made: Sequence[Row], new: str | None = None) -> None:
        ids = [r[0] for r in made[one.at : one.at + len(one.users)]]
        self.tx.ledger.add(action, one.batch, one.enrol, one.users, ids, sources=one.sources, role=one.batch.role, new=new)  # fmt: skip


def _unlike_a_plain_one(batch: Batch) -> str | None:
    """What a new enrolment is, where it is not just active and without times."""
    start, end = batch.times or (0, 0)
    if not (batch.suspended or start or end):
        return None
    return f'{{"status":{int(batch.suspended)},"timestart":{start},"timeend":{end}}}'


_GAINS = frozenset({Action.ENROL, Action.REACTIVATE, Action.ASSIGN_ROLE, Action.JOIN_GROUP})


def _lacks_method(piece: Piece) -> bool:
    return piece.method == METHOD and (
        not piece.enrol or any(b.action is Action.CREATE_METHOD for b in piece.batches)
    )


_TOUCHES_ENROLMENT = (Action.ENROL, Action.REACTIVATE, Action.SET_TIMES, Action.SUSPEND, Action.UNENROL)
_TOUCHES_ROLES = (Action.ASSIGN_ROLE, Action.REMOVE_ROLE, Action.UNENROL)


def _pairs(
    known: Sequence[tuple[int, dict[Action, list[Batch]]]], actions: Sequence[Action]
) -> list[tuple[int, int]]:
    """(instance, person) of every row that these actions look at, in key order, so that two writers queue alike."""
    return sorted({(enrol, u) for enrol, by in known for a in actions for b in by[a] for u in b.users})


def _columns(pairs: list[tuple[int, int]]) -> dict[str, Sequence[Any]]:
    return {"enrol": array("q", [e for e, _ in pairs]), "user": array("q", [u for _, u in pairs])}
