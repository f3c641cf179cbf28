"""The plan becomes rows: bounded transactions that hold whole people, each with its journal rows and its flags."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import msgspec

from greffe.apply import journal
from greffe.apply.changes import Piece, Refused, Writer
from greffe.apply.flags import TRANSACTION_LIMIT, DirtyFlags
from greffe.apply.ledger import Ledger
from greffe.errors import InterruptedRunError, SiteNotReadyError
from greffe.model import Action
from greffe.moodle.database import Database
from greffe.moodle.patience import persist
from greffe.plan.plan import CoursePlan, Plan


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
    run: int
    modifier: int
    session_timeout: int
    locks: Held
    rows: int = 10_000
    """Changes per transaction, about."""
    stopping: Callable[[], bool] = lambda: False
    progress: Callable[[int], None] = lambda _: None
    applied: Applied = field(default_factory=Applied)
    flags: DirtyFlags = field(init=False)

    def __post_init__(self) -> None:
        self.flags = DirtyFlags(self.db, self.session_timeout)

    def apply(self, plan: Plan) -> Applied:
        """Write a plan that has passed the guards. Raises InterruptedRunError between two transactions."""
        for pieces in _groups(plan, self.rows):
            self.transaction(partial(self._write, plan, pieces))
            self.progress(sum(p.size for p in pieces))
        return self.applied

    def transaction(self, work: Callable[[int], tuple[Ledger, list[Refused]]]) -> None:
        """One transaction, tried again as a whole after a deadlock, a lock wait, a row born meanwhile, or while a
        Galera node is out of its cluster."""
        self._stop_if_asked()
        persist(partial(self._once, work), away=self.db.patience, again=self._again)

    def _again(self) -> None:
        self.applied.retries += 1
        self._stop_if_asked()

    def _stop_if_asked(self) -> None:
        if self.stopping():
            raise InterruptedRunError("stopped on request; everything committed so far is journalled")

    def _once(self, work: Callable[[int], tuple[Ledger, list[Refused]]]) -> None:
        began = time.monotonic()
        with self.db.transaction():
            if not self.locks.still_held():
                raise SiteNotReadyError(
                    "the locks that keep Moodle's own task out were lost with their connection",
                    todo="Run `greffe nightly` again: it finishes what is left.",
                )
            now = int(self.db.value("clock"))
            ledger, refused = work(now)
            stamped = self.flags.raise_for(ledger.users, now) if ledger.users else {}
            ledger.write(self.db, self.run, now)
            if len(ledger) and not journal.advance(self.db, self.run, len(ledger)):
                raise SiteNotReadyError(
                    f"another greffe has begun on this site, through another server, and taken run {self.run} for dead",
                    todo="`greffe runs` shows it; it does all of the work. Start nights from one place, through one server.",
                )
        self.flags.remember(stamped)
        self.applied.changes += len(ledger)
        self.applied.transactions += 1
        self.applied.refused += refused
        if time.monotonic() - began > TRANSACTION_LIMIT and ledger.users:
            with self.db.transaction():
                self.flags.refresh(ledger.users, int(self.db.value("clock")))

    def _write(self, plan: Plan, pieces: list[Piece], now: int) -> tuple[Ledger, list[Refused]]:
        ledger = Ledger(plan.feeds)
        writer = Writer(self.db, self.modifier, now, ledger)
        writer.gather(pieces)
        writer.write()
        return ledger, writer.refused


def _groups(plan: Plan, rows: int) -> Iterator[list[Piece]]:
    """Pieces gathered into transactions of about ``rows`` changes, courses in ascending order."""
    group: list[Piece] = []
    size = 0
    for course in plan.courses:
        for piece in _pieces(course, rows):
            if group and size + piece.size > rows:
                yield group
                group, size = [], 0
            group.append(piece)
            size += piece.size
    if group:
        yield group


def _pieces(course: CoursePlan, rows: int) -> Iterator[Piece]:
    """A course in one piece, or a course that is too large in spans of people."""
    if course.size <= rows:
        yield Piece(course.course, course.name, course.context, course.enrol, course.batches)
        return
    people = sorted({u for b in course.batches for u in b.users})
    step = max(1, rows * len(people) // course.size)
    for start in range(0, len(people), step):
        low, high = people[start], people[min(start + step, len(people)) - 1]
        batches = []
        for batch in course.batches:
            at = [i for i, u in enumerate(batch.users) if low <= u <= high]
            if at:
                users, sources = [batch.users[i] for i in at], [batch.sources[i] for i in at]
                batches.append(msgspec.structs.replace(batch, users=users, sources=sources))
            elif start == 0 and batch.action in (Action.CREATE_METHOD, Action.CREATE_GROUP):
                batches.append(batch)
        yield Piece(course.course, course.name, course.context, course.enrol, batches)
