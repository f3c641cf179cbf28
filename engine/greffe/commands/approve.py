"""A named operator lets exactly one held plan pass, for a while."""

from __future__ import annotations

from dataclasses import dataclass

from greffe.apply import journal
from greffe.apply.schema import ensure_tables
from greffe.commands._session import open_site
from greffe.config import Config
from greffe.config.amounts import seconds
from greffe.errors import ArgumentError

SHORTEST = 8
_LATEST = 50
"""Runs of one plan that are looked at: nights with nothing to do have all the same one."""
_WHERE = "`greffe runs` lists the digests."


@dataclass(frozen=True, slots=True)
class Approval:
    """What was approved, by whom, until when (seconds since 1970)."""

    digest: str
    operator: str
    run: int
    expires: int
    undoes: int = 0
    """The run that the plan takes back; 0: none."""
    kind: str = "nightly"
    """What kind of run was held."""


def approve(config: Config, digest: str, *, by: str | None = None, expires: int | None = None) -> Approval:
    """Approve the plan whose digest begins so, for ``expires`` seconds (None: as the configuration says).

    Raises ArgumentError where no run, or more than one plan, has it, or where no guard held it.
    """
    if len(digest) < SHORTEST or not digest.isalnum():
        raise ArgumentError(
            f"{digest!r} is too short for a digest; give at least {SHORTEST} characters of it", todo=_WHERE
        )
    operator = (by or journal.operator()).strip()
    if not operator:
        raise ArgumentError("an approval needs the name of who gives it", todo="Give it with --by.")
    with open_site(config) as session:
        ensure_tables(session.db)
        found = [r[0] for r in session.db.query("digest_of", digest=f"{digest.lower()}%")]
        if not found:
            raise ArgumentError(f"no run has a plan {digest}", todo=_WHERE)
        if len(found) > 1:
            raise ArgumentError(f"{len(found)} plans begin with {digest}; give more of it", todo=_WHERE)
        runs = [int(r[0]) for r in session.db.query("runs_by_digest", digest=found[0])]
        run = runs[0]
        if not any(journal.run_by_id(session.db, one).waits_for_approval for one in runs[:_LATEST]):
            raise ArgumentError(
                f"run {run} waits for no approval: no guard held its plan",
                todo="`greffe runs` shows which runs are held.",
            )
        now = session.now()
        until = now + (seconds(config.guards.approval_expires) if expires is None else expires)
        session.db.execute(
            "approve", digest=found[0], operator=operator[:100], run=run, now=now, expires=until
        )
        record = journal.run_by_id(session.db, run)
        return Approval(found[0], operator, run, until, record.undoes, record.kind)
