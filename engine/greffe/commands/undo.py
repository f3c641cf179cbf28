"""Take a run back: itself a plan, itself guarded, itself journalled."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from functools import partial

from greffe.apply import journal
from greffe.apply.execute import Applied, Executor, Held
from greffe.apply.journal import ChangeRecord
from greffe.apply.ledger import Ledger
from greffe.apply.schema import has_tables
from greffe.apply.tables import columns_here
from greffe.apply.transaction import Refused, Transaction
from greffe.apply.undo import Memory, Undoer
from greffe.commands._named.lookup import cohort_id, course_id, person_id
from greffe.commands._session import Session, Silent, Watcher, open_site, stoppable
from greffe.commands._undoing.plan import Kept, Only, Undoing, concerns, loses, taking_back
from greffe.commands.nightly import Result, closing_run
from greffe.config import Config
from greffe.errors import ArgumentError, Exit
from greffe.methods.database import METHOD
from greffe.model import OF_METHOD, Action

__all__ = ["Undoing", "undo"]


def undo(
    config: Config,
    run: int,
    *,
    course: str | None = None,
    cohort: str | None = None,
    person: str | None = None,
    dry_run: bool = False,
    watcher: Watcher | None = None,
) -> Undoing:
    """Take back a run, or its part for one course, cohort or person. ``dry_run``: only the plan.

    Rows that were changed since are refused and listed. A run whose undoing is beyond the guards is held until its
    plan's digest is approved.
    """
    watcher = watcher or Silent()
    with open_site(config) as session:
        if not has_tables(session.db):
            raise ArgumentError(
                "Greffe has not run on this site yet, so there is nothing to undo",
                todo="`greffe runs` lists what was run.",
            )
        record = journal.run_by_id(session.db, run)
        if record.pruned or record.kind == "prune":
            why = "its journal was taken out for its age" if record.pruned else "it took out what was too old"
            raise ArgumentError(
                f"run {run} cannot be taken back: {why}",
                todo="[retention] journal says for how long runs can be undone; older rows are in backups of the database.",
            )
        if record.state == "running":
            with session.locked():  # refused while it runs; a run that was killed holds its lock no more
                pass
        only = (
            course_id(session.catalogue, course) if course is not None else None,
            cohort_id(session.db, cohort) if cohort is not None else None,
            person_id(session.db, session.catalogue, person) if person is not None else None,
        )
        watcher.step("Reading the journal")
        undoing = taking_back(session, record, only)
        if dry_run:
            return undoing
        methods = sorted({p.method for p in undoing.plan.courses}) or [METHOD]
        with session.locked(methods) as locks:
            session.refuse_if_not_ready(methods)
            new = journal.open_run(session.db, "undo", undoes=run)
            with closing_run(session, new):
                journal.note_plan(session.db, new, undoing.plan, undoing.judgement, [])
                undoing.result = _carry_out(session, new, undoing, only, locks, watcher)
        return undoing


def _carry_out(
    session: Session, new: int, undoing: Undoing, only: Only, locks: Held, watcher: Watcher
) -> Result:
    if undoing.judgement.stops:
        counts = journal.close_run(session.db, new, "held", reason="guard")
        return Result(new, "held", Exit.HELD, counts, Applied())
    held = undoing.judgement.held_places
    made = undoing.plan.made
    # a method is taken back as a whole or not at all: Moodle's own sync would draw the consequence
    whole = {p.place for p in undoing.plan.courses if p.whole} & held
    held_cohorts = {c.cohort for c in undoing.plan.cohorts if c.idnumber in undoing.judgement.held_cohorts}
    names = {c.cohort: c.idnumber for c in undoing.plan.cohorts}
    watcher.step("Taking back", undoing.plan.size)
    with stoppable() as stopping:
        executor = Executor(
            db=session.db,
            run=new,
            modifier=session.catalogue.admin,
            session_timeout=session.catalogue.session_timeout,
            locks=locks,
            stopping=stopping,
        )
        memory = Memory(columns_here(session.db))
        undoer = partial(_undoer, session, undoing.record.id, memory, names)
        for slice_ in journal.changes_backwards(session.db, undoing.record.id):
            # backwards: who left by one method after he came by another is seen to return first
            moves = (Action.ENROL, Action.UNENROL)
            enrolled = [c for c in slice_ if c.action in moves and concerns(c, only)]
            if enrolled:
                executor.transaction(partial(_look, undoer, enrolled), ())
        for slice_ in journal.changes_backwards(session.db, undoing.record.id):
            chosen = [
                c
                for c in slice_
                if concerns(c, only)
                and (c.course, c.enrol) not in whole
                and not (((c.course, c.enrol) in held or c.cohort in held_cohorts) and loses(c, made))
            ]
            if chosen:
                enrolled_people = {c.user for c in chosen if c.user and not c.cohort}
                work = partial(_slice, undoer, new, chosen)
                executor.transaction(work, enrolled_people, contexts=_shut_and_opened(session, chosen))
                watcher.advance(len(chosen))
    undoing.history = _kept(session, memory)
    applied = executor.applied
    undoing.refused = applied.refused
    holds = undoing.judgement.holds_places
    reason = "refused" if applied.refused else ""
    if holds:
        reason = "courses-held" if held else "cohorts-held"
    counts = journal.close_run(session.db, new, "done", reason=reason)
    code = Exit.HELD if holds else Exit.REFUSED if applied.refused else Exit.DONE
    return Result(new, "done", code, counts, applied, refused=applied.refused)


def _undoer(session: Session, run: int, memory: Memory, cohorts: Mapping[int, str], now: int) -> Undoer:
    names = {i: c.name for i, c in session.catalogue.courses.items()}
    return Undoer(
        Transaction(session.db, session.catalogue.admin, now, Ledger([])), run, names, cohorts, memory
    )


def _look(
    undoer: Callable[[int], Undoer], changes: list[ChangeRecord], now: int
) -> tuple[Ledger, list[Refused]]:
    """Note whose enrolment cannot be taken back, before anything that belongs to it is."""
    undoer(now).look(changes)
    return Ledger([]), []


def _slice(
    undoer: Callable[[int], Undoer], run: int, changes: list[ChangeRecord], now: int
) -> tuple[Ledger, list[Refused]]:
    one = undoer(now)
    one.take_back(changes)
    if one.done:
        one.tx.db.execute("mark_undone", run=run, ids=sorted(one.done))
    return one.tx.ledger, one.refusals()


def _shut_and_opened(session: Session, changes: list[ChangeRecord]) -> list[str]:
    """Paths of the courses in which a method is switched on or off, goes or comes back: everybody's rights may change."""
    courses = session.catalogue.courses
    contexts = {
        courses[c.course].context
        for c in changes
        if c.action in OF_METHOD
        and c.course in courses
        and (c.old or {}).get("status") != (c.new or {}).get("status")
    }
    found = session.db.query("paths_of_contexts", ids=sorted(contexts)) if contexts else []
    return [str(path) for _, path in found]


def _kept(session: Session, memory: Memory) -> list[Kept]:
    rows: Counter[int] = Counter()
    users: dict[int, set[int]] = defaultdict(set)
    for course, user, number in memory.history.values():
        rows[course] += number
        users[course].add(user)
    courses = session.catalogue.courses
    return [
        Kept(courses[c].name if c in courses else str(c), rows[c], sorted(users[c])) for c in sorted(rows)
    ]
