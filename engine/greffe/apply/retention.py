"""What Greffe's own tables keep no longer: found, and taken out in slices.

A run keeps its row and its figures. Before the first row of its journal goes it is marked, so that nobody takes half of it back;
a prune that is killed leaves a marked run, and the next one finishes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import msgspec

from greffe.apply import journal
from greffe.apply.execute import Held
from greffe.apply.rows import delete, parts
from greffe.errors import InterruptedRunError, SiteNotReadyError
from greffe.moodle.cohorts import CohortReader
from greffe.moodle.database import Database
from greffe.moodle.patience import persist

SLICE = 5000
"""Rows that one transaction takes out."""

_ROWS = {
    "feeds": ("old_feeds", "local_greffe_feed"),
    "approvals": ("old_approvals", "local_greffe_approval"),
    "waiting": ("old_waiting", "local_greffe_waiting"),
    "findings": ("old_findings", "local_greffe_finding"),
    "messages": ("old_messages", "local_greffe_message"),
}
"""What is taken out row by row → the statement that finds it, its table."""


class Expired(msgspec.Struct, kw_only=True):
    """What is kept no longer, by primary keys."""

    runs: list[int] = []
    """Of which only the figures will stay."""
    latest: int = 0
    """When the latest of them began, seconds since 1970."""
    changes: int = 0
    """Rows of their journal, and of what an earlier prune left when it was stopped."""
    untold: list[int] = []
    """Runs that are old enough, but of which the plugin has still to tell Moodle."""
    in_use: list[int] = []
    """…or that monitoring and audits look back to."""
    rows: dict[str, list[int]] = {}
    """feeds, approvals, waiting, findings, messages → ids."""

    @property
    def amounts(self) -> dict[str, int]:
        """Kind → rows, without those of which there are none."""
        found = {"changes": self.changes, "runs": len(self.runs)} | {k: len(i) for k, i in self.rows.items()}
        return {kind: n for kind, n in found.items() if n}


def expired(db: Database, before: Mapping[str, int | None]) -> Expired:
    """What is older. ``before``: kind of thing (journal, waiting, findings, messages) → the moment, None for never."""
    found = Expired()
    if (moment := before["journal"]) is not None:
        _runs(db, found, moment)
    for kind, (statement, _) in _ROWS.items():
        moment = before.get(kind, before["journal"])
        if moment is not None:
            found.rows[kind] = [int(r[0]) for r in db.query(statement, before=moment)]
    return found


def _runs(db: Database, found: Expired, before: int) -> None:
    started = {int(run): int(when) for run, when in db.query("runs_to_prune", before=before)}
    in_use = {int(r[0]) for r in db.query("nights_in_use") if r[0] is not None}
    untold: set[int] = set()
    # without the plugin nobody is told, and it will not tell what is from before it
    if CohortReader(db).component():
        untold = {int(run) for row in db.query("runs_untold") for run in row}
    found.untold = sorted(started.keys() & untold)
    found.in_use = sorted((started.keys() & in_use) - untold)
    found.runs = sorted(started.keys() - untold - in_use)
    found.latest = max((started[r] for r in found.runs), default=0)
    half = [int(r[0]) for r in db.query("runs_half_pruned")]
    for runs in parts([*half, *found.runs]):
        found.changes += int(db.value("count_journal", runs=runs))


class Pruner:
    """Takes out what is expired, under the site's lock, for one run."""

    def __init__(
        self,
        db: Database,
        run: int,
        locks: Held,
        stopping: Callable[[], bool],
        progress: Callable[[int], None],
    ) -> None:
        self._db, self._run, self._locks = db, run, locks
        self._stopping, self._progress = stopping, progress
        self.amounts: dict[str, int] = {}
        """Kind → rows that are gone; of runs: those of which only the figures are left."""

    def prune(self, found: Expired) -> None:
        """Take everything out. Raises InterruptedRunError, SiteNotReadyError where the locks are lost, DatabaseError."""
        for runs in parts(found.runs):
            self._once("runs", partial(self._db.execute, "mark_pruned", runs=runs))
        for (run,) in self._db.query("runs_half_pruned"):
            while upto := self._db.value("end_of_slice", run=run, limit=SLICE):
                self._once("changes", partial(self._db.execute, "prune_changes", run=run, upto=int(upto)))
        for kind, ids in found.rows.items():
            for part in parts(ids):
                self._once(kind, partial(self._delete, _ROWS[kind][1], part))

    def _delete(self, table: str, ids: list[int]) -> int:
        delete(self._db, table, ids)
        return len(ids)

    def _once(self, kind: str, work: Callable[[], int]) -> None:
        """One transaction, tried again as a whole."""
        if self._stopping():
            raise InterruptedRunError(
                "stopped on request; what is gone is gone", todo="Run `greffe prune` again: it goes on."
            )
        done = persist(partial(self._transaction, work), away=self._db.patience)
        self.amounts[kind] = self.amounts.get(kind, 0) + done
        self._progress(done)

    def _transaction(self, work: Callable[[], int]) -> int:
        with self._db.transaction():
            # a lock holds on one server only; the run's row is changed on all nodes of a cluster or on none
            if not (self._locks.still_held() and journal.advance(self._db, self._run, 0)):
                raise SiteNotReadyError(
                    "the lock that keeps another greffe out was lost",
                    todo="`greffe runs` shows whether another is at work; then run `greffe prune` again: it goes on.",
                )
            return work()
