"""Runs and what they left behind: the audit trail, what undo reads, and the outbox of the plugin."""

from __future__ import annotations

import getpass
import logging
import os
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec

from greffe import __version__, logs
from greffe.errors import ArgumentError, DatabaseError
from greffe.model import FeedCounts
from greffe.moodle.database import Database
from greffe.personal import Person, Said
from greffe.plan.guards import Judgement
from greffe.plan.plan import Plan
from greffe.plan.verdict import Verdict

_SLICE = 5000
_PAGE = 100
NEWEST = (1 << 63) - 1
"""Above every change."""
_MESSAGE = 2000
_LEVELS = {
    "held": logging.WARNING,
    "partial": logging.WARNING,
    "failed": logging.ERROR,
    "interrupted": logging.ERROR,
}
PRUNED = "pruned"
"""Reason of a run whose journal was taken out for its age."""
_Kind = TypeVar("_Kind")


class RunRecord(msgspec.Struct, kw_only=True):
    """One run as the journal has it. Moments are seconds since 1970 by the database's clock, 0 for not yet."""

    id: int
    kind: str
    """nightly, apply, methods, rollover, batch, undo, release, prune; arrivals, by the plugin."""
    state: str
    """running, done, partial, held, failed, interrupted, killed."""
    reason: str
    digest: str
    operator: Person
    host: str
    version: str
    undoes: int
    changes: int
    counts: dict[str, int]
    verdicts: list[Verdict]
    approved_by: Person
    planned: dict[str, int] = {}
    """Action → changes of the complete plan; none where the run came to no plan, or an older Greffe ran it."""
    feeds: list[FeedCounts]
    error: Said
    started: int
    ended: int

    @property
    def pruned(self) -> bool:
        """Whether only its figures are kept."""
        return self.reason == PRUNED

    @property
    def waits_for_approval(self) -> bool:
        """Whether a guard holds it: the whole run, or what people would lose in some courses or cohorts."""
        places = any(v.level != "feed" for v in self.verdicts) and not self.approved_by
        return self.state == "held" or (places and self.state in ("done", "partial"))


class RunName(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a run where its changes are told."""

    id: int
    kind: str = ""
    operator: str = ""
    undoes: int = 0


class _Judged(msgspec.Struct, kw_only=True):
    """What the guards said, and of how many changes, as a run keeps it."""

    verdicts: list[Verdict] = []
    approved_by: str = ""
    planned: dict[str, int] = {}


class ChangeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the journal."""

    id: int
    action: str
    course: int
    enrol: int
    user: int
    object: int
    role: int
    group: int
    cohort: int
    reason: str
    feed: str
    line: int
    old: dict[str, Any] | None
    new: dict[str, Any] | None
    made: int
    undone: int


def operator() -> str:
    """Who runs this: the person behind sudo, else the account."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def open_run(db: Database, kind: str, *, undoes: int = 0) -> int:
    """Note that a run begins; its id."""
    now = db.value("clock")
    rows = db.query(
        "open_run",
        kind=kind,
        operator=operator()[:100],
        host=os.uname().nodename[:100],
        version=__version__,
        undoes=undoes,
        now=now,
    )
    run = int(rows[0][0])
    db.execute("abandon_runs", run=run, now=now)
    logs.about_run(run)
    logs.event("run-began", f"{kind} begins", kind=kind)
    return run


def note_plan(db: Database, run: int, plan: Plan, judgement: Judgement, feeds: list[FeedCounts]) -> None:
    """What the run is about to do, before its first write."""
    counts = plan.counts()
    judged = _Judged(verdicts=judgement.verdicts, approved_by=judgement.approved_by, planned=counts)
    db.execute(
        "plan_of_run",
        run=run,
        digest=judgement.digest or plan.digest,
        verdicts=_json(judged),
        feeds=_json(feeds),
    )
    for feed in feeds:
        state = "bad" if feed.problems else "good"
        text = f"feed {feed.feed}: {state}, {feed.rows:,} rows, {feed.people:,} people"
        level = logging.WARNING if feed.problems else logging.INFO
        logs.event(
            "feed",
            text,
            level=level,
            feed=feed.feed,
            rows=feed.rows,
            people=feed.people,
            good=not feed.problems,
        )
    for verdict in judgement.verdicts:
        logs.event("limit", str(verdict), level=logging.WARNING, of=verdict.name, kind=verdict.kind)
    logs.event("planned", f"{sum(counts.values()):,} changes planned", digest=plan.digest, planned=counts)


def advance(db: Database, run: int, changes: int) -> bool:
    """Count a transaction's changes in its run's row; False where the run was declared dead meanwhile."""
    return db.execute("advance_run", run=run, changes=changes) > 0


def close_run(
    db: Database,
    run: int,
    state: str,
    *,
    reason: str = "",
    error: str = "",
    besides: Mapping[str, int] = MappingProxyType({}),
) -> dict[str, int]:
    """Note how a run ended; what it did, by action, as the journal has it. ``besides``: figures of what is no change to
    Moodle."""
    counts = {str(a): int(n) for a, n in db.query("count_changes", run=run)}
    now = int(db.value("clock"))
    db.execute(
        "close_run",
        run=run,
        state=state,
        reason=reason[:40],
        changes=sum(counts.values()),
        counts=_json({**counts, **besides}),
        error=error[:_MESSAGE],
        now=now,
    )
    if counts:  # what let its plan pass is spent: the same again, by the same fault, is to be looked at again
        db.execute("spend_approval", run=run, now=now)
    level = _LEVELS.get(state, logging.INFO)
    text = f"{state}{f' ({reason})' if reason else ''}, {sum(counts.values()):,} changes made"
    logs.event("run-ended", text, level=level, state=state, reason=reason, counts=counts)
    return counts


def runs(db: Database, limit: int = 20) -> list[RunRecord]:
    """The latest runs, newest first."""
    return [record(db, r) for r in db.query("runs", limit=limit)]


def run_by_id(db: Database, run: int) -> RunRecord:
    """One run. Raises ArgumentError where there is none of that id."""
    rows = db.query("run_by_id", run=run)
    if not rows:
        raise ArgumentError(f"there is no run {run}", todo="`greffe runs` lists them.")
    return record(db, rows[0])


def record(db: Database, row: tuple[Any, ...]) -> RunRecord:
    """A row of the runs. One that could not count its own changes (it runs, or was killed) has them counted."""
    found = _run(row)
    if found.state in ("running", "killed"):
        found.counts = {str(a): int(n) for a, n in db.query("count_changes", run=found.id)}
        found.changes = sum(found.counts.values())
    return found


def changes(db: Database, run: int) -> Iterator[ChangeRecord]:
    """A run's changes in order, read in slices."""
    above = 0
    while rows := db.query("changes_of_run", run=run, above=above, limit=_SLICE):
        yield from map(_change, rows)
        above = rows[-1][0]


def changes_of_people(db: Database, run: int, users: Collection[int]) -> list[ChangeRecord]:
    """What a run did to these people."""
    return [_change(r) for r in db.query("changes_of_people", run=run, users=sorted(users))]


def changes_backwards(db: Database, run: int) -> Iterator[list[ChangeRecord]]:
    """A run's changes from the last to the first, in slices."""
    below = NEWEST
    while rows := db.query("changes_of_run_backwards", run=run, below=below, limit=_SLICE):
        yield [_change(r) for r in rows]
        below = rows[-1][0]


def history(
    db: Database, *, course: int = 0, cohort: int = 0, person: int = 0, below: int = NEWEST
) -> Iterator[tuple[int, ChangeRecord]]:
    """(run, change) of one person, of one course, of one cohort, or of one person there; newest first, read in slices that
    grow: who wants a page has it at once. ``below``: only changes before this one."""
    size = _PAGE
    while True:
        if person:
            rows = db.query("history_of_person", user=person, below=below, limit=size)
        else:
            rows = db.query("history_of_place", course=course, cohort=cohort, below=below, limit=size)
        for row in rows:
            change = _change(row[:-1])
            if course in (0, change.course) and cohort in (0, change.cohort):
                yield int(row[-1]), change
        if len(rows) < size:
            return
        below, size = rows[-1][0], min(2 * size, _SLICE)


def named(db: Database, ids: Collection[int]) -> dict[int, RunName]:
    """Runs by id, as they are told of."""
    rows = db.query("runs_by_id", runs=sorted(ids)) if ids else []
    return {
        int(i): RunName(id=int(i), kind=kind, operator=who, undoes=int(undoes))
        for i, kind, who, undoes in rows
    }


def _run(row: tuple[Any, ...]) -> RunRecord:
    (
        id_,
        kind,
        state,
        reason,
        digest,
        who,
        host,
        version,
        undoes,
        n,
        counts,
        verdicts,
        feeds,
        error,
        start,
        end,
    ) = row
    judged = decoded(verdicts or "{}", _Judged, "run", id_, "verdicts")
    return RunRecord(
        id=id_,
        kind=kind,
        state=state,
        reason=reason,
        digest=digest,
        operator=who,
        host=host,
        version=version,
        undoes=undoes,
        changes=n,
        counts=decoded(counts or "{}", dict[str, int], "run", id_, "counts"),
        verdicts=judged.verdicts,
        approved_by=judged.approved_by,
        planned=judged.planned,
        feeds=decoded(feeds or "[]", list[FeedCounts], "run", id_, "feeds"),
        error=error or "",
        started=start,
        ended=end,
    )


def _change(row: tuple[Any, ...]) -> ChangeRecord:
    (
        id_,
        action,
        course,
        enrol,
        user,
        object_,
        role,
        group,
        cohort,
        reason,
        feed,
        line,
        old,
        new,
        made,
        undone,
    ) = row
    return ChangeRecord(
        id=id_,
        action=action,
        course=course,
        enrol=enrol,
        user=user,
        object=object_,
        role=role,
        group=group,
        cohort=cohort,
        reason=reason,
        feed=feed,
        line=line,
        old=decoded(old, dict[str, Any], "change", id_, "oldrow") if old else None,
        new=decoded(new, dict[str, Any], "change", id_, "newrow") if new else None,
        made=made,
        undone=undone,
    )


def decoded(text: str, kind: type[_Kind], table: str, row: int, column: str) -> _Kind:
    """A column that keeps JSON. Raises DatabaseError where it is none, or none of this shape."""
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.MsgspecError as e:
        raise DatabaseError(
            f"{column} of row {row} of local_greffe_{table} is not what Greffe wrote there: {e}",
            todo="Bring the row back from a backup of the database"
            + ("." if table == "change" else "; without one, set that column to NULL."),
        ) from e


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
