"""The nightly run: registrations in, rows out, in the order of the design's flow."""

from __future__ import annotations

from dataclasses import dataclass, field

from greffe.apply import journal
from greffe.apply.execute import Applied, Executor, Held
from greffe.apply.owned import Owned
from greffe.apply.schema import ensure_tables
from greffe.apply.transaction import Refused
from greffe.commands._night.layers import methods_written
from greffe.commands._night.planner import Night
from greffe.commands._night.whole import plan_night
from greffe.commands._session import Session, Silent, Watcher, open_site, stoppable
from greffe.config import Config
from greffe.errors import Exit, GreffeError, InterruptedRunError
from greffe.plan.plan import Plan


@dataclass(slots=True)
class Result:
    """How a run ended."""

    run: int
    state: str
    exit: Exit
    counts: dict[str, int]
    applied: Applied
    night: Night | None = None
    refused: list[Refused] = field(default_factory=list)


def nightly(config: Config, watcher: Watcher | None = None) -> Result:
    """Plan, judge, apply, journal. Returns also where a guard holds; raises GreffeError where nothing could be done."""
    watcher = watcher or Silent()
    with open_site(config) as session:
        watcher.step("Opening the site")
        ensure_tables(session.db)
        with session.locked(methods_written(config)) as locks:
            session.refuse_if_not_ready(methods_written(config))
            run = journal.open_run(session.db, "nightly")
            with closing_run(session, run):
                night = plan_night(session, watcher)
                return _carry_out(session, run, night, locks, watcher)


def _carry_out(session: Session, run: int, night: Night, locks: Held, watcher: Watcher) -> Result:
    db, config = session.db, session.config
    journal.note_plan(db, run, night.plan, night.judgement, night.feeds.counts)
    owned = Owned(db, tables=True)
    stop = bool(night.feeds.bad) and config.run.on_bad_feed == "stop"
    if stop or night.judgement.stops:
        state, reason = ("partial", "bad-feed") if stop else ("held", "guard")
        _remember_feeds(owned, session.now(), run, night, only_bad=True)
        counts = journal.close_run(db, run, state, reason=reason)
        return Result(run, state, Exit.PARTIAL if stop else Exit.HELD, counts, Applied(), night)
    allowed = night.allowed or night.plan
    # before the first write: a run that is killed must not leave people behind whom no feed answers for
    owned.remember_places(night.feeds.desired.places, run, session.now())
    owned.remember_cohorts(night.named, run, session.now())
    owned.remember_methods(night.named_methods)
    applied = execute(session, run, allowed, locks, watcher)
    _remember(owned, session, run, night)
    refused = night.refused + applied.refused
    state, reason, code = _ending(night, refused)
    counts = journal.close_run(db, run, state, reason=reason)
    return Result(run, state, code, counts, applied, night, refused)


def execute(session: Session, run: int, plan: Plan, locks: Held, watcher: Watcher) -> Applied:
    """Write a plan under the locks, stopping cleanly when a signal asks."""
    watcher.step("Writing", plan.size)
    with stoppable() as stopping:
        executor = Executor(
            db=session.db,
            run=run,
            modifier=session.catalogue.admin,
            session_timeout=session.catalogue.session_timeout,
            locks=locks,
            rows=session.config.moodle.transaction_rows,
            writers=session.config.moodle.writers,
            stopping=stopping,
            progress=watcher.advance,
        )
        return executor.apply(plan)


class closing_run:  # noqa: N801 - used as a with block
    """Whatever ends the block early, the run's row says so."""

    def __init__(self, session: Session, run: int) -> None:
        self._session, self._run = session, run

    def __enter__(self) -> None:
        """Nothing to do yet."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None:
            return
        state = "interrupted" if isinstance(error, InterruptedRunError | KeyboardInterrupt) else "failed"
        text = str(error) if isinstance(error, GreffeError) else type(error).__name__
        self._session.db.patience = 0  # it has been waited for already, or somebody wants this to end
        try:
            journal.close_run(self._session.db, self._run, state, reason=type(error).__name__, error=text)
        except GreffeError:
            return  # the connection is gone: the next run marks this one as killed


def _ending(night: Night, refused: list[Refused]) -> tuple[str, str, Exit]:
    if night.season and night.season.kind == "blackout":  # who arrives by day must hear of it
        state, code = (
            ("partial", Exit.PARTIAL) if night.feeds.bad else ("done", Exit.REFUSED if refused else Exit.DONE)
        )
        return state, "blackout", code
    if night.feeds.bad:
        return "partial", "bad-feed", Exit.PARTIAL
    if night.judgement.holds_places:
        return "done", "courses-held" if night.judgement.held_places else "cohorts-held", Exit.HELD
    if refused:
        return "done", "refused", Exit.REFUSED
    return "done", night.season.kind if night.season else "", Exit.DONE


def _remember(owned: Owned, session: Session, run: int, night: Night) -> None:
    """What the next night needs: waiting people, what was seen of the feeds."""
    now = session.now()
    owned.forget_waiting(night.feeds.readings)
    for name, waiting in night.feeds.desired.waiting.items():
        who = session.config.feed[name].who
        owned.refresh_waiting(name, who.match if who else "", waiting, run, now)
    _remember_feeds(owned, now, run, night)


def _remember_feeds(owned: Owned, now: int, run: int, night: Night, *, only_bad: bool = False) -> None:
    for counts in night.feeds.counts:
        if counts.problems or not only_bad:
            owned.note_feed(counts, run, now)
