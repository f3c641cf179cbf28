"""Cohorts' part of a plan becomes rows, after a second look at the rows concerned.

Sources of the rules: moodle-writes §6 (cohort_add_cohort, cohort_update_cohort, cohort_delete_cohort,
cohort_add_member, cohort_remove_member). What Moodle's own cohort sync makes of a new or a gone member is left to its
hourly task. Nobody's rights change by a cohort's row alone, so no dirty flag is raised.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from greffe.apply import rows
from greffe.apply.rows import COHORT, COHORT_MEMBER
from greffe.apply.transaction import Refused, Transaction
from greffe.methods.members import COLUMNS
from greffe.model import Action, Batch
from greffe.moodle.cohorts import CohortReader
from greffe.plan.cohorts import CohortPlan

MOVED = "the cohort was changed since the plan was made; the next night looks again"
TWIN = "a cohort with this idnumber was made since the plan; the next night looks again"
USED = "it is not empty, or something stands on it since the plan was made; the next night looks again"
PLACE_GONE = "the place of the cohort is gone since the plan was made; the next night looks again"

ITSELF = frozenset(
    {
        Action.CREATE_COHORT,
        Action.UPDATE_COHORT,
        Action.ADOPT_COHORT,
        Action.RELEASE_COHORT,
        Action.DELETE_COHORT,
    }
)
"""What happens to a cohort, not to its members."""


_REWRITES = (Action.UPDATE_COHORT, Action.ADOPT_COHORT, Action.RELEASE_COHORT)


def spans_of(cohorts: Sequence[CohortPlan], size: int) -> Iterator[list[CohortPlan]]:
    """Transactions of about ``size`` changes; a cohort that is too large for one comes in spans of people, of which the
    first makes it and the last deletes it."""
    group: list[CohortPlan] = []
    weight = 0
    for cohort in cohorts:
        if group and weight + cohort.size > size:
            yield group
            group, weight = [], 0
        if cohort.size <= size:
            group.append(cohort)
            weight += cohort.size
        else:
            yield from ([part] for part in _spans(cohort, size))
    if group:
        yield group


def _spans(cohort: CohortPlan, size: int) -> Iterator[CohortPlan]:
    first = [b for b in cohort.batches if b.action in ITSELF and b.action is not Action.DELETE_COHORT]
    last = [b for b in cohort.batches if b.action is Action.DELETE_COHORT]
    spans = [_part(b, at, size) for b in cohort.batches if b.users for at in range(0, len(b.users), size)]
    for number, batch in enumerate(spans):
        batches = [*(first if number == 0 else []), batch, *(last if number == len(spans) - 1 else [])]
        yield msgspec.structs.replace(cohort, batches=batches)


def _part(batch: Batch, at: int, size: int) -> Batch:
    users, sources = batch.users[at : at + size], batch.sources[at : at + size]
    return msgspec.structs.replace(batch, users=users, sources=sources)


@dataclass(slots=True)
class CohortWriter:
    """The cohorts of one run; ``made`` keeps the ids of those that it created, whose people may follow later."""

    feeds: Sequence[str]
    run: int
    made: dict[str, int] = field(default_factory=dict)

    def write(self, tx: Transaction, parts: Sequence[CohortPlan]) -> None:
        """Write these cohorts in the transaction that is open."""
        _Writing(self, tx).write(parts)


@dataclass(slots=True)
class _Writing:
    whole: CohortWriter
    tx: Transaction
    fresh: set[int] = field(default_factory=set)
    """Cohorts that this transaction makes: nobody else can have put anybody in."""

    def write(self, parts: Sequence[CohortPlan]) -> None:
        parts = self._still_there(parts)
        self._create([p for p in parts if _has(p, Action.CREATE_COHORT)])
        kept = self._change([p for p in parts if p.cohort])
        parts = [p for p in parts if not p.cohort or p.cohort in kept]
        self._join(parts)
        self._leave(parts)
        self.tx.delete_what_goes()
        self._delete([p for p in parts if _has(p, Action.DELETE_COHORT)])

    # -- cohorts -------------------------------------------------------------------------------------------
    def _still_there(self, parts: Sequence[CohortPlan]) -> list[CohortPlan]:
        """Those whose place is there; of those to be made: which nobody else has made since."""
        wanted = {int(p.columns["contextid"]) for p in parts if "contextid" in p.columns}
        places = rows.present(self.tx.db, "context", wanted)
        new = [p for p in parts if _has(p, Action.CREATE_COHORT)]
        for part in new:  # an earlier try of this transaction made it, and was undone
            self.whole.made.pop(part.idnumber, None)
        twins = self._twins([p.idnumber for p in new])
        kept = []
        for part in parts:
            if "contextid" in part.columns and part.columns["contextid"] not in places:
                self._refuse(part, PLACE_GONE)
            elif part in new and part.idnumber in twins:
                self._refuse(part, TWIN)
            elif not part.cohort and part not in new and part.idnumber not in self.whole.made:
                self._refuse(part, MOVED)  # it could not be made, so nobody can join it
            else:
                kept.append(part)
        return kept

    def _twins(self, idnumbers: Collection[str]) -> set[str]:
        """Of these idnumbers: those that some cohort has by now, as Moodle compares them."""
        if not CohortReader(self.tx.db).alike(idnumbers):
            return set()
        return {i for i in idnumbers if CohortReader(self.tx.db).alike([i])}

    def _create(self, parts: list[CohortPlan]) -> None:
        if not parts:
            return
        columns: dict[str, Sequence[Any]] = {c: [p.columns[c] for p in parts] for c in COLUMNS}
        ids = [int(r[0]) for r in self.tx.db.insert("add_cohorts", columns, now=self.tx.now)]
        self.whole.made.update((p.idnumber, i) for p, i in zip(parts, ids, strict=True))
        self.fresh.update(ids)
        there = rows.hold(self.tx.db, "cohort", COHORT, ids)
        for part, cohort in zip(parts, ids, strict=True):
            self._note(part, Action.CREATE_COHORT, cohort, new=there[cohort])
        self._own(parts)

    def _change(self, parts: list[CohortPlan]) -> set[int]:
        """Cohorts that may be written: the row is as the plan saw it."""
        there = rows.hold(self.tx.db, "cohort", COHORT, {p.cohort for p in parts}) if parts else {}
        kept = set()
        images = []
        for part in parts:
            row = there.get(part.cohort)
            # what is only looked at, nobody here has written in a span before
            touched = not part.columns or any(b.action in ITSELF for b in part.batches)
            if row is None or (touched and any((row[c] or "") != (v or "") for c, v in part.was.items())):
                self._refuse(part, MOVED)
                continue
            kept.add(part.cohort)
            images += [self._update(part, action, row) for action in _REWRITES if _has(part, action)]
        for text in rows.texts(images):
            self.tx.db.execute("write_cohorts", images=text)
        self._own([p for p in parts if p.cohort in kept and _has(p, Action.ADOPT_COHORT)])
        released = [p.cohort for p in parts if p.cohort in kept and _has(p, Action.RELEASE_COHORT)]
        if released:
            self.tx.db.execute("set_owned", owned=0, cohorts=released)
        return kept

    def _update(self, part: CohortPlan, action: Action, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """The row as it will be, noted."""
        moment = {"timemodified": self.tx.now} if part.columns else {}
        new = {c: row[c] for c in ("id", *COLUMNS, "timemodified")} | part.columns | moment
        self._note(part, action, part.cohort, old=row, new=new)
        return new

    def _delete(self, parts: list[CohortPlan]) -> None:
        if not parts:
            return
        wanted = sorted(p.cohort for p in parts)
        used = set(CohortReader(self.tx.db).used(wanted))
        used |= {int(r[0]) for r in self.tx.db.query("cohorts_with_members", cohorts=wanted)}
        there = rows.hold(self.tx.db, "cohort", COHORT, wanted)
        for part in parts:
            if part.cohort in used:
                self._refuse(msgspec.structs.replace(part, batches=[_of(part, Action.DELETE_COHORT)]), USED)
            else:
                self._note(part, Action.DELETE_COHORT, part.cohort, old=there[part.cohort])
        rows.delete(self.tx.db, "cohort", set(wanted) - used)

    # -- members -------------------------------------------------------------------------------------------
    def _join(self, parts: Sequence[CohortPlan]) -> None:
        wanted = [(self._id(p), b) for p in parts for b in p.batches if b.action is Action.JOIN_COHORT]
        people = {u for _, b in wanted for u in b.users}
        if not people:
            return
        living = {r[0] for r in self.tx.db.query("living_people", ids=sorted(people))}
        known = [(c, u) for c, b in wanted if c not in self.fresh for u in b.users]
        there = {(r["cohortid"], r["userid"]) for r in self._members(known)}
        keys = {"cohort": array("q"), "user": array("q")}
        notes: list[tuple[int, Batch, list[int], list[int]]] = []
        for cohort, batch in wanted:
            new = [
                (u, s)
                for u, s in zip(batch.users, batch.sources, strict=True)
                if u in living and (cohort, u) not in there
            ]
            keys["cohort"].extend([cohort] * len(new))
            keys["user"].extend(u for u, _ in new)
            notes.append((cohort, batch, [u for u, _ in new], [s for _, s in new]))
        ids = [int(r[0]) for r in self.tx.db.insert("add_cohort_members", keys, now=self.tx.now)] if keys["user"] else []  # fmt: skip
        at = 0
        for cohort, batch, users, sources in notes:
            made = ids[at : at + len(users)]
            self.tx.ledger.add(Action.JOIN_COHORT, batch, 0, users, made, sources=sources, cohort=cohort)
            at += len(users)

    def _leave(self, parts: Sequence[CohortPlan]) -> None:
        wanted = [(p.cohort, b) for p in parts for b in p.batches if b.action is Action.LEAVE_COHORT]
        there = {
            (r["cohortid"], r["userid"]): r
            for r in self._members([(c, u) for c, b in wanted for u in b.users])
        }
        for cohort, batch in wanted:
            found = [row for u in batch.users if (row := there.get((cohort, u)))]
            self.tx.remove("cohort_members", Action.LEAVE_COHORT, batch, 0, found, cohort=cohort)

    def _members(self, pairs: Sequence[tuple[int, int]]) -> Collection[dict[str, Any]]:
        """Of these (cohort, person): the rows that are there, held."""
        if not pairs:
            return []
        pairs = sorted(pairs)
        keys = {"place": array("q", [c for c, _ in pairs]), "user": array("q", [u for _, u in pairs])}
        found = self.tx.db.lookup("rows_of_people", keys, table="cohort_members", named=("cohortid",))
        return rows.hold(self.tx.db, "cohort_members", COHORT_MEMBER, [int(r[0]) for r in found]).values()

    # -- shared --------------------------------------------------------------------------------------------
    def _id(self, part: CohortPlan) -> int:
        return part.cohort or self.whole.made[part.idnumber]

    def _own(self, parts: Sequence[CohortPlan]) -> None:
        """In the transaction that makes them: no cohort of Greffe's is nobody's."""
        named = [(self.whole.feeds[n], self._id(p), p.idnumber) for p in parts for n in p.feeds]
        if named:
            feed, cohort, idnumber = map(list, zip(*sorted(named), strict=True))
            columns = {"feed": feed, "cohort": cohort, "idnumber": idnumber}
            self.tx.db.insert("own_cohorts", columns, run=self.whole.run, now=self.tx.now)

    def _note(
        self,
        part: CohortPlan,
        action: Action,
        cohort: int,
        *,
        old: Mapping[str, Any] | None = None,
        new: Mapping[str, Any] | None = None,
    ) -> None:
        before = [rows.encode(old)] if old is not None else []
        after = rows.encode(new) if new is not None else None
        self.tx.ledger.add(action, _of(part, action), 0, [0], [cohort], cohort=cohort, old=before, new=after)

    def _refuse(self, part: CohortPlan, why: str) -> None:
        name = f"cohort {part.idnumber}"
        self.tx.refused += [Refused(name, b.action.value, why, b.users) for b in part.batches]


def _has(part: CohortPlan, action: Action) -> bool:
    return any(b.action is action for b in part.batches)


def _of(part: CohortPlan, action: Action) -> Batch:
    return next(b for b in part.batches if b.action is action)
