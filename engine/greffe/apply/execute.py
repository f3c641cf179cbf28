"""The plan becomes rows: bounded transactions that hold whole people, each with its journal rows.

A large plan is written by several connections at once, each with courses of its own. The connection that holds the
locks raises the dirty flags of a transaction's people before it, and says in it whether the locks are still held.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import Protocol

import msgspec

from greffe.apply import journal
from greffe.apply.changes import Writer
from greffe.apply.cohorts import CohortWriter, spans_of
from greffe.apply.flags import TRANSACTION_LIMIT, DirtyFlags
from greffe.apply.ledger import Ledger
from greffe.apply.methods import MethodWriter, status_changes
from greffe.apply.transaction import Piece, Refused, Transaction, weight
from greffe.errors import DatabaseError, InterruptedRunError, SiteNotReadyError
from greffe.model import OF_METHOD, Action, Batch
from greffe.moodle.database import Database, connect
from greffe.moodle.patience import persist
from greffe.plan.cohorts import CohortPlan
from greffe.plan.plan import GAINS, CoursePlan, Plan

_OF_PLACE = frozenset({Action.CREATE_GROUP, Action.CREATE_GROUPING, Action.JOIN_GROUPING})
"""What is made once for a course, whoever needs it."""

_QUIET = frozenset({Action.ENROL, Action.JOIN_GROUP, Action.LEAVE_GROUP, *OF_METHOD})
"""What raises no dirty flag of a person in Moodle: a new enrolment or a group changes nobody's rights, and a method that
is switched off marks its course (moodle-writes §0.4, §1.1, §2.1)."""

Work = Callable[[int], tuple[Ledger, list[Refused]]]
"""What a transaction does, given the database's clock."""


class Held(Protocol):
    """The locks that keep Moodle's own task out."""

    def still_held(self) -> bool:
        """Whether they are; a lost connection loses them."""


@dataclass(slots=True)
class Applied:
    """What applying a plan came to."""

    changes: int = 0
    transactions: int = 0
    retries: int = 0
    refused: list[Refused] = field(default_factory=list)


@dataclass(slots=True)
class Executor:
    """Runs transactions for one run."""

    db: Database
    """The connection that holds the locks."""
    run: int
    modifier: int
    session_timeout: int
    locks: Held
    rows: int = 10_000
    """Changes per transaction, about."""
    writers: int = 1
    """Connections that write a plan of several transactions."""
    stopping: Callable[[], bool] = lambda: False
    progress: Callable[[int], None] = lambda _: None
    applied: Applied = field(default_factory=Applied)
    flags: DirtyFlags = field(init=False)
    _methods: MethodWriter = field(init=False)
    _cohorts_made: dict[str, int] = field(default_factory=dict)
    _gate: threading.Lock = field(default_factory=threading.Lock)
    """Who holds it may use ``db`` and what is counted, while several write."""
    _failed: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.flags = DirtyFlags(self.db, self.session_timeout)
        self._methods = MethodWriter(self.run, self._cohorts_made)
        if self.db.most_ids is not None:
            self.rows = min(self.rows, self.db.most_ids)

    def apply(self, plan: Plan) -> Applied:
        """Write a plan that has passed the guards. Raises InterruptedRunError between two transactions."""
        self._cohorts(plan)
        chains = _chains(plan, self.rows)
        heavy = sum(weight(part.batches) for part in plan.courses)
        writers = self._writers() if self.writers > 1 and heavy > self.rows else []
        if writers:
            self._side_by_side(plan, chains, writers)
        else:
            for chain in chains:
                self._chain(plan, chain, self.db)
        return self.applied

    def _writers(self) -> list[Database]:
        """Connections to write by: as many as the server gives, none where it does not give two."""
        found: list[Database] = []
        try:
            while len(found) < self.writers:
                found.append(connect(self.db.settings))
        except DatabaseError:  # its limit of connections: the night goes on with fewer
            if len(found) < 2:
                _close(found)
                return []
        return found

    def _cohorts(self, plan: Plan) -> None:
        """The layer on which others rest, by one connection: what comes after must find it whole."""
        writer = CohortWriter(plan.feeds, self.run, self._cohorts_made)
        for parts in spans_of(plan.cohorts, self.rows):
            self.transaction(partial(self._write_cohorts, plan, writer, parts), ())
            self.progress(sum(p.size for p in parts))

    def _write_cohorts(
        self, plan: Plan, writer: CohortWriter, parts: list[CohortPlan], now: int
    ) -> tuple[Ledger, list[Refused]]:
        ledger = Ledger(plan.feeds)
        transaction = Transaction(self.db, self.modifier, now, ledger)
        writer.write(transaction, parts)
        return ledger, transaction.refused

    def _side_by_side(self, plan: Plan, chains: Iterator[list[list[Piece]]], writers: list[Database]) -> None:
        """Several connections, each with the next chain that nobody has yet; the first failure ends them all."""

        from concurrent.futures import ThreadPoolExecutor

        def write(db: Database) -> None:
            try:
                while not self._failed.is_set():
                    with self._gate:
                        chain = next(chains, None)
                    if chain is None:
                        return
                    self._chain(plan, chain, db)
            except BaseException:
                self._failed.set()
                raise

        try:
            with ThreadPoolExecutor(len(writers), "writer") as pool:
                writing = [pool.submit(write, db) for db in writers]
        finally:
            _close(writers)
        for each in writing:
            each.result()

    def _chain(self, plan: Plan, chain: list[list[Piece]], db: Database) -> None:
        for pieces in chain:
            if self._failed.is_set():
                return
            users = {u for p in pieces for b in p.batches if b.action not in _QUIET for u in b.users}
            self.transaction(partial(self._write, plan, pieces, db), users, db, self._paths(pieces))
            with self._gate:
                self.progress(sum(p.size for p in pieces))

    def _paths(self, pieces: list[Piece]) -> list[str]:
        """Contexts in which everybody's rights may change, by their paths."""
        contexts = sorted(status_changes(pieces))
        if not contexts:
            return []
        with self._gate:
            return [str(r[1]) for r in self.db.query("paths_of_contexts", ids=contexts)]

    def transaction(
        self,
        work: Work,
        users: Collection[int],
        db: Database | None = None,
        contexts: Collection[str] = (),
    ) -> None:
        """One transaction, tried again as a whole after a deadlock, a lock wait, a row born meanwhile, or while a Galera
        node is out of its cluster.

        ``users`` are those whose rights it may change, ``contexts`` the paths of contexts in which it may change
        everybody's; ``db`` is the connection that ``work`` writes to.
        """
        self._stop_if_asked()
        once = partial(self._once, work, users, contexts, db or self.db)
        persist(once, away=self.db.patience, again=self._again)

    def _again(self) -> None:
        self.applied.retries += 1
        self._stop_if_asked()

    def _stop_if_asked(self) -> None:
        if self.stopping():
            raise InterruptedRunError("stopped on request; everything committed so far is journalled")

    def _once(self, work: Work, users: Collection[int], contexts: Collection[str], db: Database) -> None:
        with self._gate:
            self.flags.ensure(users, contexts)
        began = time.monotonic()
        with db.transaction():
            self._refuse_without_locks()
            now = int(db.value("clock"))
            ledger, refused = work(now)
            ledger.write(db, self.run, now)
            if db is not self.db:
                self._refuse_without_locks()  # on their own connection they are lost together with these rows
            if len(ledger) and not journal.advance(db, self.run, len(ledger)):
                raise SiteNotReadyError(
                    f"another greffe has begun on this site, through another server, and taken run {self.run} for dead",
                    todo="`greffe runs` shows it; it does all of the work. Start nights from one place, through one server.",
                )
        with self._gate:
            self.applied.changes += len(ledger)
            self.applied.transactions += 1
            self.applied.refused += refused
            if time.monotonic() - began > TRANSACTION_LIMIT:
                self.flags.renew(users, contexts)

    def _refuse_without_locks(self) -> None:
        with self._gate:
            held = self.locks.still_held()
        if not held:
            raise SiteNotReadyError(
                "the locks that keep Moodle's own task out were lost with their connection",
                todo="Run `greffe nightly` again: it finishes what is left.",
            )

    def _write(self, plan: Plan, pieces: list[Piece], db: Database, now: int) -> tuple[Ledger, list[Refused]]:
        ledger = Ledger(plan.feeds)
        transaction = Transaction(db, self.modifier, now, ledger)
        pieces = self._methods.begin(transaction, pieces)
        writer = Writer(transaction)
        writer.gather(pieces)
        writer.write()
        self._methods.end(transaction, pieces)
        return ledger, transaction.refused


def _close(connections: list[Database]) -> None:
    while connections:
        connections.pop().close()


def _chains(plan: Plan, rows: int) -> Iterator[list[list[Piece]]]:
    """Transactions of about ``rows`` changes each, courses in ascending order. A course that is too large for one
    stands alone in a chain of several, which one writer makes one after the other."""
    group: list[Piece] = []
    size = 0
    for _, parts in groupby(plan.courses, key=lambda part: part.course):
        rounds = _rounds(list(parts))
        heavy = sum(weight(part.batches) for part in rounds)
        pieces = [piece for part in rounds for piece in _pieces(part, rows)]
        if group and size + heavy > rows:
            yield [group]
            group, size = [], 0
        if heavy > rows:
            yield [[piece] for piece in pieces]
        else:
            group += pieces
            size += heavy
    if group:
        yield [group]


def _rounds(parts: list[CoursePlan]) -> list[CoursePlan]:
    """The parts of one course; of several methods first what they all give: who moves from one to another must not be
    seen without an enrolment in between, since a last unenrolment takes everything along. Groups are joined last: who
    leaves one by one method may come back to it by another."""
    if len(parts) == 1:
        return parts
    rounds = [_only(part, number) for number in range(3) for part in parts]
    return [part for part in rounds if part.batches]


def _round(batch: Batch) -> int:
    if batch.action is Action.JOIN_GROUP:
        return 2
    return 0 if batch.action in GAINS else 1


def _only(part: CoursePlan, number: int) -> CoursePlan:
    return msgspec.structs.replace(part, batches=[b for b in part.batches if _round(b) == number])


def _pieces(course: CoursePlan, rows: int) -> Iterator[Piece]:
    """A course in one piece, or a course that is too large in spans of people."""
    heavy = weight(course.batches)
    if heavy <= rows:
        yield _piece(course, course.batches)
        return
    people = sorted({u for b in course.batches if b.action not in OF_METHOD for u in b.users})
    step = max(1, rows * len(people) // heavy)
    for start in range(0, len(people), step):
        low, high = people[start], people[min(start + step, len(people)) - 1]
        batches = []
        last = start + step >= len(people)
        for batch in course.batches:
            if batch.action in OF_METHOD or batch.action in _OF_PLACE:
                # an instance is made before its people, and deleted after them
                if last if batch.action is Action.DELETE_METHOD else start == 0:
                    batches.append(batch)
                continue
            at = [i for i, u in enumerate(batch.users) if low <= u <= high]
            if at:
                users, sources = [batch.users[i] for i in at], [batch.sources[i] for i in at]
                batches.append(msgspec.structs.replace(batch, users=users, sources=sources))
        yield _piece(course, batches)


def _piece(part: CoursePlan, batches: list[Batch]) -> Piece:
    return Piece(
        part.course, part.name, part.context, part.enrol, batches, part.method,
        part.columns, part.was, part.cohort, part.group, part.owner,
    )  # fmt: skip
