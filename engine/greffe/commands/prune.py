"""``greffe prune``: take out what is kept for longer than ``[retention]`` says; Moodle's own tables are not touched."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from stat import S_ISREG

from greffe.apply import journal
from greffe.apply.retention import Expired, Pruner, expired
from greffe.apply.schema import has_tables
from greffe.commands._session import Session, Silent, Watcher, open_site, stoppable
from greffe.commands.nightly import closing_run
from greffe.commands.reporting import names_of_reports
from greffe.config import Config
from greffe.config.retention import Retention, days
from greffe.errors import Exit
from greffe.report.pruned import Part, Pruning

_DAY = 86400
KINDS = ("journal", "waiting", "findings", "messages", "reports")
"""The keys of ``[retention]`` that say how long."""
_OF = {"changes": "journal", "runs": "journal", "feeds": "journal", "approvals": "journal"}
"""What is counted apart → the key that it goes by."""


def propose(config: Config) -> Pruning:
    """What is older than it is kept; nothing is written."""
    with open_site(config) as session:
        found, pruning, _ = _look(session)
        pruning.run_ids = found.runs
        pruning.exit = Exit.CHANGES_PENDING if pruning.amount else Exit.DONE
        return pruning


def prune(config: Config, watcher: Watcher | None = None) -> Pruning:
    """Take it out, in slices, under the site's lock; stopped in between it goes on the next time.

    Raises SiteNotReadyError where another greffe is at work, InterruptedRunError, DatabaseError.
    """
    watcher = watcher or Silent()
    with open_site(config) as session:
        watcher.step("Looking for what is old")
        with session.locked(()) as locks:
            found, pruning, reports = _look(session)
            if not pruning.amount:
                return pruning
            watcher.step("Taking out", pruning.amount)
            with stoppable() as stopping:
                if found.amounts:
                    pruning.run = run = journal.open_run(session.db, "prune")
                    with closing_run(session, run):
                        pruner = Pruner(session.db, run, locks, stopping, watcher.advance)
                        pruner.prune(found)
                        journal.close_run(session.db, run, "done", besides=pruner.amounts)
                pruning.undeleted = _delete(reports)
        pruning.run_ids = found.runs
        pruning.exit = Exit.REFUSED if pruning.undeleted else Exit.DONE
        return pruning


def _look(session: Session) -> tuple[Expired, Pruning, list[Path]]:
    now, kept = session.now(), session.config.retention
    before = {kind: _before(kept, kind, now) for kind in KINDS}
    found = expired(session.db, before) if has_tables(session.db) else Expired()
    reports = _reports(session, before["reports"])
    amounts = found.amounts | ({"reports": len(reports)} if reports else {})
    whats = ("changes", "runs", "feeds", "approvals", *KINDS[1:])
    parts = [
        Part(what=w, kept=getattr(kept, _OF.get(w, w)), before=before[_OF.get(w, w)] or 0, amount=amounts.get(w, 0))
        for w in whats
    ]  # fmt: skip
    pruning = Pruning(
        site=session.site, made=now, parts=parts, latest=found.latest, untold=found.untold, in_use=found.in_use
    )  # fmt: skip
    return found, pruning, reports


def _before(kept: Retention, kind: str, now: int) -> int | None:
    number = days(getattr(kept, kind))
    return None if number is None else now - number * _DAY


def _reports(session: Session, before: int | None) -> list[Path]:
    """This site's old reports: by their names, so that nothing else in the directory is ever touched."""
    if session.config.run.reports is None or before is None:
        return []
    name = names_of_reports(session.site)
    found = []
    with suppress(OSError):  # no directory, no reports; `greffe doctor` says so
        for path in Path(session.config.run.reports).iterdir():
            if name.fullmatch(path.name):
                at = path.lstat()
                if S_ISREG(at.st_mode) and at.st_mtime < before:
                    found.append(path)
    return sorted(found)


def _delete(reports: list[Path]) -> list[str]:
    undeleted = []
    for path in reports:
        try:
            path.unlink(missing_ok=True)
        except OSError as e:
            undeleted.append(f"{path}: {e.strerror}")
    return undeleted
