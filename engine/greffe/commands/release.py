"""Give cohorts back to hand care: Moodle's pages can edit them again, and no night touches them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from greffe.apply import journal
from greffe.apply.owned import Owned
from greffe.apply.schema import has_tables
from greffe.commands._lookup import cohort_id
from greffe.commands._session import Session, Silent, Watcher, open_site
from greffe.commands.nightly import Result, closing_run, execute
from greffe.config import Config
from greffe.errors import ArgumentError, Exit
from greffe.methods.scope import parse_ids
from greffe.model import Action, Batch, Reason
from greffe.moodle.cohorts import CohortReader
from greffe.plan.cohorts import CohortPlan
from greffe.plan.guards import Judgement
from greffe.plan.plan import Plan, digest


def release(
    config: Config, cohorts: Sequence[str], *, all_of_them: bool = False, watcher: Watcher | None = None
) -> tuple[Result, Plan]:
    """Give these cohorts (idnumber or id), or all, back; what was done, and the plan of it.

    Members stay, `component` becomes '', and Greffe forgets that they were its own. A rule that still names one with
    `adopt = true` takes it again on the next night; without, it is refused and listed. `greffe undo` takes them back.
    """
    _check(cohorts, all_of_them=all_of_them)
    with open_site(config) as session:
        wanted = _wanted(session, cohorts, all_of_them=all_of_them)
        with session.locked() as locks:
            session.refuse_if_not_ready()
            plan = _plan(session, wanted)
            run = journal.open_run(session.db, "release")
            with closing_run(session, run):
                journal.note_plan(session.db, run, plan, Judgement([]), [])
                applied = execute(session, run, plan, locks, watcher or Silent())
                reason = "refused" if applied.refused else ""
                counts = journal.close_run(session.db, run, "done", reason=reason)
        code = Exit.REFUSED if applied.refused else Exit.DONE
        return Result(run, "done", code, counts, applied, refused=applied.refused), plan


def propose(config: Config, cohorts: Sequence[str], *, all_of_them: bool = False) -> Plan:
    """What ``release`` would do; nothing is written."""
    _check(cohorts, all_of_them=all_of_them)
    with open_site(config) as session:
        return _plan(session, _wanted(session, cohorts, all_of_them=all_of_them))


def _check(cohorts: Sequence[str], *, all_of_them: bool) -> None:
    if bool(cohorts) == all_of_them:
        raise ArgumentError("name the cohorts, or say --all", todo="greffe release L1MED-2026")


def _wanted(session: Session, cohorts: Sequence[str], *, all_of_them: bool) -> set[int]:
    owned = Owned(session.db, tables=has_tables(session.db)).cohorts
    wanted = set(owned) if all_of_them else {cohort_id(session.db, c) for c in cohorts}
    if strangers := sorted(wanted - owned.keys()):
        names = ", ".join(f"id {i}" for i in strangers)
        raise ArgumentError(
            f"not Greffe's, so there is nothing to give back: {names}",
            todo="Only cohorts that a night made or adopted can be given back.",
        )
    return wanted


def _plan(session: Session, wanted: set[int]) -> Plan:
    reader = CohortReader(session.db)
    members = reader.members(wanted)
    parts = [
        CohortPlan(
            idnumber=row.idnumber,
            name=row.name,
            cohort=row.id,
            fingerprint="",
            batches=[Batch(action=Action.RELEASE_COHORT, course=0, reason=Reason.RELEASED)],
            columns={"component": ""} if row.component else {},
            was={"component": row.component} if row.component else {},
            members=len(parse_ids(members[row.id])),
        )
        for row in reader.by_id(wanted).values()
    ]
    parts.sort(key=lambda p: p.idnumber)
    plan = Plan(site=session.site, made=session.now(), feeds=[], cohorts=parts, courses=[])
    return msgspec.structs.replace(plan, digest=digest(plan))
