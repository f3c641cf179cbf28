"""``greffe audit``: what should not be in Moodle's tables, looked for read-only; works on a replica too."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from greffe.apply.schema import has_tables
from greffe.audit import findings
from greffe.audit.catalogue import Audit, Severity, chosen
from greffe.audit.running import Outcome, run
from greffe.commands._judging import judge
from greffe.commands._mending import mending
from greffe.commands._session import Session, Silent, Watcher, reach
from greffe.commands.plan import write_file
from greffe.config import Config
from greffe.errors import DatabaseError, Exit, GreffeError, HeldError
from greffe.moodle.catalogue import Catalogue
from greffe.moodle.database import Database
from greffe.moodle.presence import refuse_without_moodle
from greffe.moodle.settings import settings_of
from greffe.plan.guards import hold
from greffe.report.audits import AuditReport, in_order

AT_ONCE = 2
"""Connections: audits read much, and people are at work on the same server."""
SECONDS = 60
EXAMPLES = 10


def available(config: Config, only: Sequence[str] = (), least: Severity = "info") -> list[Audit]:
    """The audits that ``audit`` would run; no connection is made. Raises ArgumentError for a name that there is not."""
    return chosen(settings_of(config.moodle).engine, only, least)


def audit(
    config: Config,
    only: Sequence[str] = (),
    least: Severity = "info",
    *,
    examples: int = EXAMPLES,
    seconds: int = SECONDS,
    at_once: int = AT_ONCE,
    keep: bool = True,
    fix_plan: Path | None = None,
    watcher: Watcher | None = None,
) -> AuditReport:
    """Run all audits, or those of the given names that are at least so grave. ``examples``: findings shown of each;
    ``seconds``: how long one may take; ``at_once``: connections; ``keep``: record what is found, where that is possible;
    ``fix_plan``: where to write a plan of what can be mended safely, if there is anything.

    Raises ArgumentError, SiteNotReadyError where there is no Moodle, DatabaseError where the server cannot be reached.
    """
    watcher = watcher or Silent()
    wanted = available(config, only, least)
    with closing(reach(config.moodle)) as db:
        refuse_without_moodle(db)
        session = Session(config, db, Catalogue(db))
        report = AuditReport(site=session.site, made=session.now())
        own = _own_tables(db, report)
        report.left_out = [a.name for a in wanted if a.own and not own]
        wanted = [a for a in wanted if own or not a.own]
        watcher.step("Auditing", len(wanted))
        outcomes: list[Outcome] = []
        for outcome in run(db.settings, wanted, examples=examples, seconds=seconds, at_once=at_once):
            outcomes.append(outcome)
            watcher.advance(1)
        report.audits = in_order(outcomes)
        if own:
            if keep:
                _keep(db, report)
            report.history = findings.history(db, report.made)
        if fix_plan is not None:
            _write_plan(session, report, fix_plan)
    report.exit = int(code_of(report))
    return report


def _write_plan(session: Session, report: AuditReport, file: Path) -> None:
    plan = mending(session, {o.audit.name for o in report.found})
    report.fixes = plan.counts()
    if not plan.size:
        report.notes.append("Nothing that was found can be mended by a plan.")
        return
    judgement = judge(session, plan, {}, {}, plan.made)
    allowed = hold(plan, judgement)
    try:
        write_file(allowed, judgement, file)
    except HeldError as e:
        report.notes.append(str(e))
        return
    if allowed.size < plan.size:
        report.notes.append("The guards hold a part of what could be mended: it is not in the plan.")
    report.fixes, report.fix_plan = allowed.counts(), str(file)


def code_of(report: AuditReport) -> Exit:
    """By the gravest finding; what could not be told counts as a warning, as on the health page."""
    counts = report.counts
    if counts["critical"] or counts["error"]:
        return Exit.FOUND_ERRORS
    return Exit.FOUND_WARNINGS if counts["warning"] or report.failed else Exit.DONE


def _own_tables(db: Database, report: AuditReport) -> bool:
    """Whether Greffe's tables can be read."""
    try:
        if has_tables(db):
            return True
        report.notes.append(
            "Greffe has no tables here yet: what reads them is left out, and nothing is recorded."
        )
    except GreffeError as e:
        report.notes.append(f"What reads Greffe's own tables is left out, and nothing is recorded: {e}")
    return False


def _keep(db: Database, report: AuditReport) -> None:
    if int(db.query("server")[0][3] or 0):
        report.notes.append("This server is read-only: nothing is recorded.")
        return
    try:
        findings.record(db, report.audits, report.made)
        report.recorded = True
    except DatabaseError as e:
        report.notes.append(f"Nothing is recorded: {e}")
