"""What runs of Greffe's did to one person, and to the cohorts and methods that he comes in by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cached_property
from itertools import islice

from greffe.apply import journal
from greffe.apply.journal import ChangeRecord
from greffe.commands._explaining.step import day
from greffe.model import Action
from greffe.moodle.database import Database
from greffe.view.account import Account

Done = tuple[int, ChangeRecord]
"""(run, what it did)."""

_REMEMBERED = 5000
"""Rows of a person's journal that are looked at, the newest."""


class Past:
    """Greffe's own tables, asked about one person."""

    def __init__(self, db: Database, account: Account | None, *, tables: bool) -> None:
        """``tables``: whether they are there; without them no run is known."""
        self._db, self._tables = db, tables
        self._newest: list[Done] = []
        if tables and account is not None:
            self._newest = list(islice(journal.history(db, person=account.id), _REMEMBERED))
        self._of_row: dict[int, list[Done]] = defaultdict(list)
        for run, change in self._newest:
            self._of_row[change.object].append((run, change))

    def of_row(self, row: int, actions: Collection[Action]) -> Iterable[Done]:
        """What was done to a row, newest first; what was taken back included."""
        return (done for done in self._of_row.get(row, []) if done[1].action in actions)

    def run_of(self, row: int, actions: Collection[Action]) -> int:
        """The last run of which the row is; 0: none."""
        return next((run for run, change in self.of_row(row, actions) if not change.undone), 0)

    def since(self, action: Action, *, course: int = 0, cohort: int = 0) -> str:
        """By which run he went from there, and when, inside a sentence; '': by none."""
        found = (
            f" since run {run} on {day(c.made)}"
            for run, c in self._newest
            if c.action == action and not c.undone and (c.course, c.cohort) == (course, cohort)
        )
        return next(found, "")

    def whole(self, at: int) -> bool:
        """Whether the journal would have what a run wrote at this second: nothing of that time has been pruned."""
        return at > self._whole_after

    @cached_property
    def _whole_after(self) -> int:
        """The journal lacks no run after this second since 1970."""
        found = self._db.query("journal_whole_after") if self._tables else []
        return int(found[0][0]) if found else -1

    def runs_of_methods(self, enrols: Collection[int]) -> dict[int, int]:
        """Method instance → the run by which it became Greffe's."""
        return self._runs("runs_of_methods", enrols=sorted(enrols)) if enrols else {}

    def runs_of_cohorts(self, cohorts: Collection[int]) -> dict[int, int]:
        """Cohort → the run by which it became Greffe's."""
        return self._runs("runs_of_cohorts", cohorts=sorted(cohorts)) if cohorts else {}

    def _runs(self, statement: str, **ids: list[int]) -> dict[int, int]:
        rows = self._db.query(statement, **ids) if self._tables else []
        return {int(i): int(run) for i, run in rows}
