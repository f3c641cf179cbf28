"""Method instances that rules make, change or delete: their own rows, before and after their people's.

Sources of the rules: moodle-writes §1.1 and §1.3 (add_instance, update_instance, update_status, delete_instance of
enrol_cohort and enrol_meta), §7 (groups_create_group). Who is enrolled by an instance is the business of ``changes``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from greffe.apply import rows
from greffe.apply.named import GROUPS, by_name
from greffe.apply.rows import MEMBERSHIP, ROLE
from greffe.apply.transaction import PLACE_GONE, Piece, Refused, Transaction
from greffe.methods.database import METHOD as DATABASE
from greffe.methods.scope import component
from greffe.model import OF_METHOD, Action, Batch
from greffe.moodle.database import Database

TWIN = "the course got this method since the plan was made; the next night looks again"
MOVED = "the method was changed since the plan was made; the next night looks again"
STILL_ENROLS = "somebody is enrolled by it since the plan was made; the next night looks again"
CHANGED_BY_RULES = ("status", "roleid", "customint1", "customint2", "enrolperiod")
"""Columns of an instance that rules decide, or a command (moodle-writes §1.3)."""
_NEW: dict[str, Any] = dict.fromkeys(CHANGED_BY_RULES) | dict.fromkeys(
    ("enrolperiod", "expirynotify", "notifyall", "expirythreshold"), 0
)
"""Columns of a new instance, as the table has them where nobody says anything."""
_HOMES = {"cohort": "cohort", "meta": "course"}
"""Method that follows something (customint1) → the table in which that is found."""

_REWRITES = (Action.UPDATE_METHOD, Action.ADOPT_METHOD, Action.DISABLE_METHOD, Action.RELEASE_METHOD)


def status_changes(pieces: Sequence[Piece]) -> set[int]:
    """Contexts of the courses in which a method is switched on or off, or goes: Moodle marks them dirty."""
    return {
        p.context
        for p in pieces
        for b in p.batches
        if (b.action in _REWRITES and "status" in p.columns) or b.action is Action.DELETE_METHOD
    }


@dataclass(slots=True)
class MethodWriter:
    """The instances of one run; shared by its writers, each of which has courses of its own."""

    run: int
    cohorts: Mapping[str, int]
    """Cohorts that the run has created, by idnumber."""
    made: dict[int, int] = field(default_factory=dict)
    """Instances that it has created: the plan's number, below 0 → id."""
    refused: set[tuple[int, int]] = field(default_factory=set)
    """(course, instance in the plan) whose own change could not be made: what follows from it is not either."""

    def begin(self, tx: Transaction, pieces: Sequence[Piece]) -> list[Piece]:
        """Make and change the instances of these pieces; the pieces whose people can follow, each with its instance."""
        asked = [p for p in pieces if p.method != DATABASE and (p.enrol < 0 or _of_method(p))]
        for piece in asked:
            if _of_method(piece):  # an earlier try of this transaction may have said so
                self.refused.discard((piece.course, piece.enrol))
        ready = _Writing(self, tx).run(asked) if asked else {}
        self.refused |= {key for key, enrol in ready.items() if enrol is None}
        ready |= dict.fromkeys(self.refused)
        found = []
        for piece in pieces:
            enrol = ready.get((piece.course, piece.enrol), piece.enrol)
            if enrol is not None:
                found.append(replace(piece, enrol=enrol))
            elif piece not in asked:
                tx.refused += _refusals(piece, PLACE_GONE)
        return found

    def end(self, tx: Transaction, pieces: Sequence[Piece]) -> None:
        """Delete the instances that go, after their people."""
        going = [p for p in pieces if any(b.action is Action.DELETE_METHOD for b in p.batches)]
        if going:
            _Deleting(tx).run(going)


@dataclass(slots=True)
class _Writing:
    whole: MethodWriter
    tx: Transaction
    ready: dict[tuple[int, int], int | None] = field(default_factory=dict)
    """(course, instance in the plan) → the instance; None: refused."""

    def run(self, asked: list[Piece]) -> dict[tuple[int, int], int | None]:
        courses = sorted({p.course for p in asked})
        there = {int(r[0]) for r in self.tx.db.query("lock_courses", courses=courses)}
        kept = []
        for piece in asked:
            if piece.course in there:
                kept.append(piece)
            else:
                self._refuse(piece, PLACE_GONE)
        kept = self._with_groups(self._with_cohorts(kept))
        self._create([p for p in kept if _has(p, Action.CREATE_METHOD)])
        for piece in kept:
            key = (piece.course, piece.enrol)
            if piece.enrol < 0 and key not in self.ready:  # made by an earlier transaction, or not
                if enrol := self.whole.made.get(piece.enrol):
                    self.ready[key] = enrol
                else:
                    self._refuse(piece, PLACE_GONE)
        self._change([p for p in kept if p.enrol > 0])
        return self.ready

    def _refuse(self, piece: Piece, why: str) -> None:
        self.ready[piece.course, piece.enrol] = None
        self.tx.refused += _refusals(piece, why)

    # -- what instances stand on ---------------------------------------------------------------------------
    def _with_cohorts(self, pieces: list[Piece]) -> list[Piece]:
        """Those whose cohort or parent course is there; cohorts that this run has made have an id by now."""
        made = self.whole.cohorts
        pieces = [
            replace(p, columns={**p.columns, "customint1": made[p.cohort]}) if p.cohort in made else p
            for p in pieces
        ]
        following = [p for p in pieces if _follows(p)]
        there = {
            method: rows.present(
                self.tx.db,
                _HOMES[method],
                {int(p.columns["customint1"]) for p in following if p.method == method},
            )
            for method in {p.method for p in following}
        }
        kept = []
        for piece in pieces:
            if _follows(piece) and int(piece.columns["customint1"]) not in there[piece.method]:
                self._refuse(piece, PLACE_GONE)
            else:
                kept.append(piece)
        return kept

    def _with_groups(self, pieces: list[Piece]) -> list[Piece]:
        """The pieces with their groups, made where there are none of that name."""
        wanted = {(p.course, p.group): p for p in pieces if p.group and "customint2" in p.columns}
        if not wanted:
            return pieces
        found = by_name(
            self.tx,
            GROUPS,
            {
                key: Batch(action=Action.CREATE_GROUP, course=key[0], reason=piece.batches[0].reason)
                for key, piece in wanted.items()
            },
        )
        return [
            replace(p, columns={**p.columns, "customint2": found[p.course, p.group]})
            if (p.course, p.group) in wanted and "customint2" in p.columns
            else p
            for p in pieces
        ]

    # -- instances -----------------------------------------------------------------------------------------
    def _create(self, pieces: list[Piece]) -> None:
        if not pieces:
            return
        db = self.tx.db
        courses = sorted({p.course for p in pieces})
        taken = {
            (method, int(course), _source(method, source))
            for method in {p.method for p in pieces}
            for _, course, source in db.query("instances_in_courses", method=method, courses=courses)
        }
        new = []
        for piece in pieces:
            self.whole.made.pop(
                piece.enrol, None
            )  # an earlier try of this transaction made it, and was undone
            if (piece.method, piece.course, _source(piece.method, piece.columns["customint1"])) in taken:
                self._refuse(piece, TWIN)
            else:
                new.append(piece)
        if not new:
            return
        orders: dict[int, int] = {int(c): int(n) for c, n in db.query("next_sortorder", courses=courses)}
        columns: dict[str, list[Any]] = defaultdict(list)
        for piece in new:
            order = orders.get(piece.course, 0)
            orders[piece.course] = order + 1
            columns["method"].append(piece.method)
            columns["course"].append(piece.course)
            columns["sortorder"].append(order)
            for column, value in _NEW.items():
                columns[column].append(piece.columns.get(column, value))
        ids = [int(r[0]) for r in db.insert("add_instances", columns, now=self.tx.now)]
        there = hold_methods(db, ids)
        for piece, enrol in zip(new, ids, strict=True):
            self.whole.made[piece.enrol] = enrol
            self._note(piece, Action.CREATE_METHOD, enrol, new=there[enrol])
            self.ready[piece.course, piece.enrol] = enrol
        self._own(list(zip(new, ids, strict=True)))

    def _change(self, pieces: list[Piece]) -> None:
        pieces = [p for p in pieces if any(_has(p, a) for a in (*_REWRITES, Action.DELETE_METHOD))]
        there = hold_methods(self.tx.db, [p.enrol for p in pieces]) if pieces else {}
        images = []
        changed = []
        for piece in pieces:
            row = there.get(piece.enrol)
            if row is None or any((row[c] or 0) != (v or 0) for c, v in piece.was.items()):
                self._refuse(piece, MOVED)
                continue
            if _has(piece, Action.DELETE_METHOD):
                continue  # after its people
            new = {c: row[c] for c in ("id", *CHANGED_BY_RULES, "timemodified")} | dict(piece.columns)
            if piece.columns.keys() - {"status"}:  # update_status alone leaves the clock as it is
                new["timemodified"] = self.tx.now
            if piece.columns:
                images.append(new)
            for action in _REWRITES:
                if _has(piece, action):
                    self._note(piece, action, piece.enrol, old=row, new=new)
            changed.append((piece, piece.enrol))
        for text in rows.texts(images):
            self.tx.db.execute("write_methods", images=text)
        self._own([c for c in changed if _has(c[0], Action.ADOPT_METHOD)])
        if released := [e for p, e in changed if _has(p, Action.RELEASE_METHOD)]:
            self.tx.db.execute("set_owned_methods", owned=0, enrols=released)

    def _own(self, pieces: Sequence[tuple[Piece, int]]) -> None:
        """In the transaction that makes them: no instance of Greffe's is nobody's."""
        named = sorted((enrol, p.owner) for p, enrol in pieces if p.owner is not None)
        if named:
            enrol, feed = map(list, zip(*named, strict=True))
            columns = {"enrol": enrol, "feed": feed}
            self.tx.db.insert("own_methods", columns, run=self.whole.run, now=self.tx.now)

    def _note(
        self,
        piece: Piece,
        action: Action,
        enrol: int,
        *,
        old: Mapping[str, Any] | None = None,
        new: Mapping[str, Any] | None = None,
    ) -> None:
        batch = next(b for b in piece.batches if b.action is action)
        before = [rows.encode(old)] if old is not None else []
        after = rows.encode(new) if new is not None else None
        self.tx.ledger.add(action, batch, enrol, [0], [enrol], old=before, new=after)


@dataclass(slots=True)
class _Deleting:
    """delete_instance, after everybody was unenrolled."""

    tx: Transaction

    def run(self, pieces: Sequence[Piece]) -> None:
        db = self.tx.db
        still = {int(r[0]) for r in db.query("still_enrolled_by", enrols=sorted({p.enrol for p in pieces}))}
        there = hold_methods(db, [p.enrol for p in pieces])
        going = []
        for piece in pieces:
            batch = next(b for b in piece.batches if b.action is Action.DELETE_METHOD)
            if piece.enrol in still:
                self.tx.refused.append(Refused(piece.name, batch.action.value, STILL_ENROLS, []))
            elif piece.enrol in there:
                going.append((piece, batch))
        for method in sorted({p.method for p, _ in going}):
            self._leftovers(method, [(p, b) for p, b in going if p.method == method])
        self.tx.delete_what_goes()
        for piece, batch in going:
            old = [rows.encode(there[piece.enrol])]
            self.tx.ledger.add(Action.DELETE_METHOD, batch, piece.enrol, [0], [piece.enrol], old=old)
        rows.delete(db, "enrol", [p.enrol for p, _ in going])

    def _leftovers(self, method: str, going: Sequence[tuple[Piece, Batch]]) -> None:
        """Roles and groups that it gave to people who are not enrolled by it."""
        db, of = self.tx.db, {p.enrol: b for p, b in going}
        asked: dict[str, Any] = {"component": component(method), "enrols": sorted(of)}
        roles = db.query("roles_of_instances", **asked)
        groups = db.query("memberships_of_instances", courses=sorted({p.course for p, _ in going}), **asked)
        for row in rows.hold(db, "role_assignments", ROLE, [r[0] for r in roles]).values():
            self.tx.remove("role_assignments", Action.REMOVE_ROLE, of[row["itemid"]], row["itemid"], [row], role=row["roleid"])  # fmt: skip
        for row in rows.hold(db, "groups_members", MEMBERSHIP, [r[0] for r in groups]).values():
            self.tx.remove("groups_members", Action.LEAVE_GROUP, of[row["itemid"]], row["itemid"], [row], group=row["groupid"])  # fmt: skip


def hold_methods(db: Database, enrols: Collection[int]) -> dict[int, dict[str, Any]]:
    """Those of these instances that are there, whole, held until the end of the transaction."""
    return rows.hold(db, "enrol", method_columns(db), enrols) if enrols else {}


def method_columns(db: Database) -> tuple[str, ...]:
    """The columns of ``enrol`` on this site."""
    return rows.columns_of(db, ["enrol"])["enrol"]


def _follows(piece: Piece) -> bool:
    """Whether it says what the instance follows."""
    return piece.method in _HOMES and "customint1" in piece.columns


def _source(method: str, customint1: int | None) -> int:
    """What tells one instance of a method in a course from another: what it follows; others there is one of."""
    return int(customint1 or 0) if method in _HOMES else 0


def _refusals(piece: Piece, why: str) -> list[Refused]:
    return [Refused(piece.name, b.action.value, why, b.users) for b in piece.batches]


def _of_method(piece: Piece) -> bool:
    return any(b.action in OF_METHOD for b in piece.batches)


def _has(piece: Piece, action: Action) -> bool:
    return any(b.action is action for b in piece.batches)
