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

from greffe.apply.ledger import Ledger, image
from greffe.methods.database import COMPONENT, METHOD
from greffe.model import Action, Batch, Reason
from greffe.moodle.database import Database, Row

ENROLMENT = ("id", "userid", "status", "timestart", "timeend", "modifierid", "timecreated", "timemodified")
ROLE = (
    "id",
    "userid",
    "roleid",
    "contextid",
    "timemodified",
    "modifierid",
    "component",
    "itemid",
    "sortorder",
)
MEMBERSHIP = ("id", "userid", "groupid", "timeadded", "component", "itemid")

Times = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """Some people of one course with all that happens to them: never split over two transactions."""

    course: int
    name: str
    context: int
    enrol: int
    batches: Sequence[Batch]

    @property
    def size(self) -> int:
        """Changes in all."""
        return sum(b.size for b in self.batches)


@dataclass(slots=True)
class Refused:
    """Changes that were not made, and why."""

    course: str
    action: str
    reason: str
    users: list[int]


@dataclass(slots=True)
class Writer:
    """The rows of one transaction, gathered over its pieces so that each table is written once."""

    db: Database
    modifier: int
    now: int
    ledger: Ledger
    refused: list[Refused] = field(default_factory=list)
    _enrolments: dict[str, array[int]] = field(
        default_factory=lambda: {c: array("q") for c in ("enrol", "user", "timestart", "timeend")}
    )
    _roles: dict[str, array[int]] = field(
        default_factory=lambda: {c: array("q") for c in ("role", "context", "user", "enrol")}
    )
    _notes: list[tuple[str, int, int, tuple[Any, ...]]] = field(default_factory=list)
    _status: defaultdict[tuple[int, Times | None], list[int]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _gone: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _methods: dict[int, tuple[int, bool]] = field(default_factory=dict)
    """Course → (instance, whether this transaction made it)."""
    _groups: dict[tuple[int, str], int] = field(default_factory=dict)

    _lost_people: frozenset[int] = frozenset()

    # -- gathering -----------------------------------------------------------------------------------------
    def gather(self, pieces: Sequence[Piece]) -> None:
        """Decide what the pieces' batches change, by the rows as they are now: one look at each table for all."""
        self._find_methods(sorted({p.course for p in pieces if _lacks_method(p)}))
        pieces = self._still_there(pieces)
        actions = [self._by_action(p) for p in pieces]
        instances = [self._methods.get(p.course, (p.enrol, False)) for p in pieces]
        known = [(enrol, by) for (enrol, fresh), by in zip(instances, actions, strict=True) if not fresh]
        enrolments = self._enrolments_now(_pairs(known, _TOUCHES_ENROLMENT))
        roles = self._roles_now(_pairs(known, _TOUCHES_ROLES))
        for piece, by, (enrol, _) in zip(pieces, actions, instances, strict=True):
            self._decide(piece, by, enrol, enrolments.get(enrol, {}), roles.get(enrol, {}))

    def _still_there(self, pieces: Sequence[Piece]) -> list[Piece]:
        """The pieces whose place is still there, and which people are: what is added to others would be nobody's."""
        enrols = sorted({p.enrol for p in pieces if not _lacks_method(p)})
        places = {r[0] for r in self.db.query("places_now", enrols=enrols)} if enrols else set()
        people = {u for p in pieces for b in p.batches if b.action in _GAINS for u in b.users}
        if people:
            living = {r[0] for r in self.db.query("living_people", ids=sorted(people))}
            self._lost_people = frozenset(people) - living
        kept = []
        for piece in pieces:
            if piece.course in self._methods or (piece.enrol in places and not _lacks_method(piece)):
                kept.append(piece)
            else:
                for batch in piece.batches:
                    self.refused.append(Refused(piece.name, batch.action.value, PLACE_GONE, batch.users))
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
            self._assign(batch, enrol, piece.context, roles)
        for batch in by[Action.REMOVE_ROLE]:
            self._remove_role(batch, enrol, roles)
        for batch in by[Action.SUSPEND]:
            self._suspend(batch, enrol, enrolments)
        for batch in by[Action.UNENROL]:
            self._unenrol(batch, enrol, piece, enrolments, roles)
        self._join_and_leave(enrol, by, piece)

    def _find_methods(self, courses: list[int]) -> None:
        """The courses' instances, created under a lock on the courses' rows where there are none."""
        if not courses:
            return
        courses = [int(r[0]) for r in self.db.query("lock_courses", courses=courses)]
        if not courses:
            return  # deleted since the plan
        there = {
            int(c): int(e) for c, e in self.db.query("methods_of_courses", method=METHOD, courses=courses)
        }
        self._methods.update((c, (e, False)) for c, e in there.items())
        if not (missing := [c for c in courses if c not in there]):
            return
        orders = {int(c): int(order) for c, order in self.db.query("next_sortorder", courses=missing)}
        columns = {
            "course": array("q", missing),
            "sortorder": array("q", [orders.get(c, 0) for c in missing]),
        }
        made = self.db.insert("add_methods", columns, method=METHOD, now=self.now)
        for enrol, course in made:
            self._methods[course] = (enrol, True)
            batch = Batch(action=Action.CREATE_METHOD, course=course, reason=Reason.REGISTERED)
            self.ledger.add(Action.CREATE_METHOD, batch, enrol, [0], [enrol])
        self.ledger.users.discard(0)

    def _enrolments_now(self, pairs: list[tuple[int, int]]) -> dict[int, dict[int, Row]]:
        """Instance → person → his row, held until the end of the transaction."""
        found: dict[int, dict[int, Row]] = defaultdict(dict)
        if pairs:
            for *row, enrol in self.db.lookup("enrolments_now", _columns(pairs)):
                found[enrol][row[1]] = tuple(row)
        return found

    def _roles_now(self, pairs: list[tuple[int, int]]) -> dict[int, dict[tuple[int, int], list[Row]]]:
        """Instance → (person, role) → his assignments, lowest id first."""
        found: dict[int, dict[tuple[int, int], list[Row]]] = defaultdict(lambda: defaultdict(list))
        if pairs:
            for row in sorted(self.db.lookup("roles_now", _columns(pairs), component=COMPONENT)):
                found[row[7]][row[1], row[2]].append(row)
        return found

    # -- enrolments ----------------------------------------------------------------------------------------
    def _activate(self, batch: Batch, enrol: int, now: dict[int, Row]) -> None:
        times = batch.times or (0, 0)
        new = [(u, s) for u, s in zip(batch.users, batch.sources, strict=True) if u not in now]
        if new:
            users = [u for u, _ in new]
            at = len(self._enrolments["user"])
            self._enrolments["enrol"].extend([enrol] * len(users))
            self._enrolments["user"].extend(users)
            self._enrolments["timestart"].extend([times[0]] * len(users))
            self._enrolments["timeend"].extend([times[1]] * len(users))
            self._notes.append(("enrol", at, len(users), (batch, enrol, users, [s for _, s in new])))
        sources = dict(zip(batch.users, batch.sources, strict=True))
        # enrol_user forces the times of a row that it finds, update_user_enrol keeps them
        force = times if batch.action is Action.ENROL else batch.times
        rows = [now[u] for u in batch.users if u in now]
        rows = [r for r in rows if r[2] != 0 or (force is not None and (r[3], r[4]) != force)]
        self._update(Action.REACTIVATE, batch, enrol, rows, 0, force, [sources[r[1]] for r in rows])

    def _set_times(self, batch: Batch, enrol: int, now: dict[int, Row]) -> None:
        rows = [now[u] for u in batch.users if u in now and (now[u][3], now[u][4]) != batch.times]
        sources = dict(zip(batch.users, batch.sources, strict=True))
        self._update(Action.SET_TIMES, batch, enrol, rows, 0, batch.times, [sources[r[1]] for r in rows])

    def _suspend(self, batch: Batch, enrol: int, now: dict[int, Row]) -> None:
        rows = [now[u] for u in batch.users if u in now and now[u][2] == 0]
        self._update(Action.SUSPEND, batch, enrol, rows, 1, None, [])

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
        self.ledger.add(action, batch, enrol, users, objects, sources=sources, old=old, new=new)

    def _unenrol(
        self,
        batch: Batch,
        enrol: int,
        piece: Piece,
        now: dict[int, Row],
        roles: dict[tuple[int, int], list[Row]],
    ) -> None:
        here = [u for u in batch.users if u in now]
        if not here:
            return
        elsewhere = {
            r[0] for r in self.db.query("enrolments_elsewhere", course=batch.course, enrol=enrol, users=here)
        }
        last = [u for u in here if u not in elsewhere]
        if last:
            self.refused.append(Refused(piece.name, "unenrol", LAST_ENROLMENT, last))
        leaving = [u for u in here if u in elsewhere]
        going = set(leaving)
        memberships = self._memberships(batch.course, leaving, enrol)
        self._leave(batch, enrol, memberships)
        for (user, role), rows in sorted(roles.items()):
            if user in going and rows:
                self._take_roles(batch, enrol, role, rows)
        rows = [now[u] for u in leaving]
        self._gone["delete_enrolments"] += [r[0] for r in rows]
        old = [image(ENROLMENT, r) for r in rows]
        self.ledger.add(Action.UNENROL, batch, enrol, leaving, [r[0] for r in rows], old=old)

    # -- roles ---------------------------------------------------------------------------------------------
    def _assign(self, batch: Batch, enrol: int, context: int, now: dict[tuple[int, int], list[Row]]) -> None:
        new = [
            (u, s) for u, s in zip(batch.users, batch.sources, strict=True) if not now.get((u, batch.role))
        ]
        if not new:
            return
        users = [u for u, _ in new]
        at = len(self._roles["user"])
        self._roles["role"].extend([batch.role] * len(users))
        self._roles["context"].extend([context] * len(users))
        self._roles["user"].extend(users)
        self._roles["enrol"].extend([enrol] * len(users))
        self._notes.append(("role", at, len(users), (batch, enrol, users, [s for _, s in new])))

    def _remove_role(self, batch: Batch, enrol: int, now: dict[tuple[int, int], list[Row]]) -> None:
        for user in batch.users:
            rows = now.get((user, batch.role), [])
            # of several equal assignments Moodle keeps the lowest id (role_assign)
            surplus = rows[1:] if batch.reason is Reason.DUPLICATE else rows
            if surplus:
                self._take_roles(batch, enrol, batch.role, surplus)
                now[user, batch.role] = rows[: len(rows) - len(surplus)]

    def _take_roles(self, batch: Batch, enrol: int, role: int, rows: list[Row]) -> None:
        self._gone["delete_roles"] += [r[0] for r in rows]
        old = [image(ROLE, r) for r in rows]
        users, objects = [r[1] for r in rows], [r[0] for r in rows]
        self.ledger.add(Action.REMOVE_ROLE, batch, enrol, users, objects, role=role, old=old)

    # -- groups --------------------------------------------------------------------------------------------
    def _join_and_leave(self, enrol: int, by: dict[Action, list[Batch]], piece: Piece) -> None:
        for batch in by[Action.CREATE_GROUP]:
            self._group(batch)
        for batch in by[Action.JOIN_GROUP]:
            group = batch.group or self._group(batch)
            if not batch.users:
                continue
            there = self.db.query("memberships_now", groups=[group], users=batch.users)
            new = [
                (u, s)
                for u, s in zip(batch.users, batch.sources, strict=True)
                if u not in {r[1] for r in there}
            ]
            if not new:
                continue
            # the group's clock is to be set anyway; that also holds the group until the members are in
            if self.db.execute("touch_groups", groups=[group], now=self.now):
                self._join(batch, enrol, group, [u for u, _ in new], [s for _, s in new])
            else:
                gone = Refused(piece.name, batch.action.value, PLACE_GONE, [u for u, _ in new])
                self.refused.append(gone)
        for batch in by[Action.LEAVE_GROUP]:
            rows = self.db.query("memberships_now", groups=[batch.group], users=batch.users)
            self._leave(batch, enrol, [r for r in rows if r[4] == COMPONENT and r[5] == enrol])

    def _group(self, batch: Batch) -> int:
        key = (batch.course, batch.group_name)
        if key not in self._groups:
            self.db.query("lock_courses", courses=[batch.course])
            for course, name, group in self.db.query("site_groups", courses=[batch.course]):
                self._groups.setdefault((course, name), group)
        if key not in self._groups:
            columns: dict[str, Sequence[Any]] = {
                "course": array("q", [batch.course]),
                "name": [batch.group_name],
            }
            group = int(self.db.insert("add_groups", columns, idnumber="", now=self.now)[0][0])
            self._groups[key] = group
            self.ledger.add(Action.CREATE_GROUP, batch, 0, [0], [group], group=group)
            self.ledger.users.discard(0)
        return self._groups[key]

    def _join(self, batch: Batch, enrol: int, group: int, users: list[int], sources: list[int]) -> None:
        n = len(users)
        columns = {
            "group": array("q", [group] * n),
            "user": array("q", users),
            "enrol": array("q", [enrol] * n),
        }
        made = self.db.insert("add_memberships", columns, component=COMPONENT, now=self.now)
        for (conversation,) in self.db.query("conversation_of_group", group=group)[:1]:
            there = {
                r[0]
                for r in self.db.query("conversation_members_now", conversation=conversation, users=users)
            }
            new = array("q", [u for u in users if u not in there])
            if new:
                members: dict[str, Sequence[Any]] = {
                    "conversation": array("q", [conversation] * len(new)),
                    "user": new,
                }
                self.db.insert("add_conversation_members", members, now=self.now)
        self.ledger.add(
            Action.JOIN_GROUP, batch, enrol, users, [r[0] for r in made], sources=sources, group=group
        )

    def _memberships(self, course: int, users: list[int], enrol: int) -> list[Row]:
        groups = [r[2] for r in self.db.query("site_groups", courses=[course])] if users else []
        rows = self.db.query("memberships_now", groups=groups, users=users) if groups else []
        return [r for r in rows if r[4] == COMPONENT and r[5] == enrol]

    def _leave(self, batch: Batch, enrol: int, rows: list[Row]) -> None:
        for group in sorted({r[2] for r in rows}):
            members = [r for r in rows if r[2] == group]
            users = [r[1] for r in members]
            self._gone["delete_memberships"] += [r[0] for r in members]
            self.db.execute("touch_groups", groups=[group], now=self.now)
            self._gone["delete_conversation_members"] += [
                r[0] for r in self.db.query("leave_conversations", group=group, users=users)
            ]
            old = [image(MEMBERSHIP, r) for r in members]
            objects = [r[0] for r in members]
            self.ledger.add(Action.LEAVE_GROUP, batch, enrol, users, objects, group=group, old=old)

    # -- writing -------------------------------------------------------------------------------------------
    def write(self) -> None:
        """Send everything that was gathered, each table in key order."""
        rows = self.db.insert("add_enrolments", self._enrolments, modifier=self.modifier, now=self.now) if self._enrolments["user"] else []  # fmt: skip
        enrolled = [r[0] for r in rows]
        rows = self.db.insert("add_roles", self._roles, component=COMPONENT, modifier=self.modifier, now=self.now) if self._roles["user"] else []  # fmt: skip
        assigned = [r[0] for r in rows]
        for kind, at, n, (batch, enrol, users, sources) in self._notes:
            if kind == "enrol":
                times = batch.times
                new = (
                    f'{{"status":0,"timestart":{times[0]},"timeend":{times[1]}}}'
                    if times and any(times)
                    else None
                )
                self.ledger.add(
                    Action.ENROL, batch, enrol, users, enrolled[at : at + n], sources=sources, new=new
                )
            else:
                made = assigned[at : at + n]
                self.ledger.add(
                    Action.ASSIGN_ROLE, batch, enrol, users, made, sources=sources, role=batch.role
                )
        for (status, times), ids in sorted(
            self._status.items(), key=lambda i: (i[0][0], i[0][1] or (-1, -1))
        ):
            who = {"ids": sorted(ids), "modifier": self.modifier, "now": self.now}
            if times is None:
                self.db.execute("set_enrolment_status", status=status, **who)
            else:
                self.db.execute("set_enrolment", status=status, timestart=times[0], timeend=times[1], **who)
        for name, ids in self._gone.items():
            if ids:
                self.db.execute(name, ids=sorted(set(ids)))


_GAINS = frozenset({Action.ENROL, Action.REACTIVATE, Action.ASSIGN_ROLE, Action.JOIN_GROUP})
PLACE_GONE = "the course, its method or the group is gone since the plan was made; the next night looks again"
LAST_ENROLMENT = (
    "it is the person's last enrolment in the course, whose clean-up (grades, groups, forum rows) "
    'Greffe does not do yet; use leavers = "suspend", or unenrol in Moodle'
)


def _lacks_method(piece: Piece) -> bool:
    return not piece.enrol or any(b.action is Action.CREATE_METHOD for b in piece.batches)


_TOUCHES_ENROLMENT = (Action.ENROL, Action.REACTIVATE, Action.SET_TIMES, Action.SUSPEND, Action.UNENROL)
_TOUCHES_ROLES = (Action.ASSIGN_ROLE, Action.REMOVE_ROLE, Action.UNENROL)


def _pairs(
    known: Sequence[tuple[int, dict[Action, list[Batch]]]], actions: Sequence[Action]
) -> list[tuple[int, int]]:
    """(instance, person) of every row that these actions look at, in key order, so that two writers queue alike."""
    return sorted({(enrol, u) for enrol, by in known for a in actions for b in by[a] for u in b.users})


def _columns(pairs: list[tuple[int, int]]) -> dict[str, Sequence[Any]]:
    return {"enrol": array("q", [e for e, _ in pairs]), "user": array("q", [u for _, u in pairs])}
