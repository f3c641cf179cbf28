"""Bring the methods ``cohort`` and ``meta`` in step with what they follow, as Moodle's own hourly tasks would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from greffe.apply import journal
from greffe.apply.execute import Applied, Held
from greffe.apply.owned import Owned
from greffe.apply.schema import ensure_tables, has_tables
from greffe.apply.transaction import Refused
from greffe.commands._following.plan import METHODS, Following
from greffe.commands._judging import judge, season_at
from greffe.commands._named.lookup import course_id
from greffe.commands._night.layers import with_methods
from greffe.commands._session import Session, Silent, Watcher, open_site
from greffe.commands.nightly import Result, closing_run, execute
from greffe.config import Config
from greffe.errors import Exit, SiteNotReadyError
from greffe.moodle.patience import persist
from greffe.plan.calendar import Season, restrict
from greffe.plan.cohort_guards import NO_COHORTS
from greffe.plan.guards import Judgement, hold
from greffe.plan.plan import Plan


@dataclass(slots=True)
class Synced:
    """What bringing methods in step would do, or did."""

    plan: Plan
    judgement: Judgement
    allowed: Plan
    """The plan without what the guards hold back."""
    graded: int
    """People who are unenrolled, as Moodle's setting says, and whose grades go with that."""
    notes: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    season: Season | None = None
    """The window of the calendar that is open."""
    later: dict[str, int] = field(default_factory=dict)
    """Action → what it leaves for later."""
    result: Result | None = None
    kind: str = "methods"
    """methods, rollover."""


def sync(
    config: Config,
    methods: Sequence[str] = (),
    *,
    course: str | None = None,
    own: bool = False,
    dry_run: bool = False,
    watcher: Watcher | None = None,
) -> Synced:
    """Plan, judge, write. ``methods``: of ``cohort`` and ``meta``; none: those that are switched on in Moodle.

    ``course``: only the methods of that course (shortname, idnumber or id). ``own``: only those that are Greffe's.
    ``dry_run``: only the plan. Raises SiteNotReadyError where a method that was named is switched off.
    """
    watcher = watcher or Silent()
    with open_site(config) as session:
        watcher.step("Opening the site")
        chosen = _chosen(session, methods)
        only = course_id(session.catalogue, course) if course is not None else None
        if dry_run:
            session.refuse_if_not_ready(chosen)
            return _plan(session, chosen, only, own, watcher)
        ensure_tables(session.db)
        with session.locked(chosen) as locks:
            session.refuse_if_not_ready(chosen)
            run = journal.open_run(session.db, "methods")
            with closing_run(session, run):
                found = _plan(session, chosen, only, own, watcher)
                found.result = carry_out(session, run, found, locks, watcher)
                return found


def _chosen(session: Session, methods: Sequence[str]) -> list[str]:
    enabled = session.catalogue.plugins_enabled
    chosen = [m for m in METHODS if (m in methods if methods else m in enabled)]
    if not chosen:
        raise SiteNotReadyError(
            "neither cohort sync nor course meta links are switched on in Moodle",
            todo="Enable one under Site administration > Plugins > Enrolments > Manage enrol plugins.",
        )
    return chosen


def _plan(session: Session, methods: list[str], course: int | None, own: bool, watcher: Watcher) -> Synced:
    now = session.now()
    watcher.step("Comparing with Moodle")

    season = season_at(session, now)
    nothing = Plan(site=session.site, made=now, feeds=[], courses=[])

    def compare() -> tuple[Following, Plan, dict[str, int]]:
        mine = Owned(session.db, tables=has_tables(session.db)).methods if own else {}
        following = Following(
            session.db, session.catalogue, methods, course=course, only=lambda i: not own or i.enrol in mine
        )
        following.gains_only = season is not None and season.kind == "add-only"
        with session.db.transaction(snapshot=True):
            following.read()
            plan = with_methods(session, nothing, following, {}, {}, NO_COHORTS)
        return following, *(restrict(plan, season) if season else (plan, {}))

    following, plan, later = persist(compare, away=session.db.patience)
    judgement = judge(session, plan, following.active_of_feeds(), following.count_of_feeds(), now)
    notes = [*following.told(), *_left_out(session, methods)]
    allowed = hold(plan, judgement)
    return Synced(plan, judgement, allowed, following.graded, notes, following.refused, season, later)


def _left_out(session: Session, methods: list[str]) -> list[str]:
    """Instances of a method that is switched off: Moodle's own sync would take their roles away, Greffe leaves them."""
    notes = []
    for method in METHODS:
        if method not in methods and method not in session.catalogue.plugins_enabled:
            number = len(session.db.query("method_instances", method=method))
            if number:
                notes.append(
                    f"The method {method} is switched off in Moodle; its {number} instances were left as they are."
                )
    return notes


def carry_out(session: Session, run: int, found: Synced, locks: Held, watcher: Watcher) -> Result:
    """Write what the guards let pass, and note how it ended."""
    db = session.db
    journal.note_plan(db, run, found.plan, found.judgement, [])
    if found.judgement.stops:
        counts = journal.close_run(db, run, "held", reason="guard")
        return Result(run, "held", Exit.HELD, counts, Applied())
    applied = execute(session, run, found.allowed, locks, watcher)
    found.refused += applied.refused
    held = found.judgement.holds_places
    reason = "courses-held" if held else "refused" if found.refused else ""
    counts = journal.close_run(db, run, "done", reason=reason)
    code = Exit.HELD if held else Exit.REFUSED if found.refused else Exit.DONE
    return Result(run, "done", code, counts, applied, refused=found.refused)
