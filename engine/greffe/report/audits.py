"""What a run of the audits came to, as plain data: the same for JSON, for the terminal and for the HTML report."""

from __future__ import annotations

import msgspec

from greffe import __version__
from greffe.audit.catalogue import SEVERITIES, Severity
from greffe.audit.findings import Moment
from greffe.audit.running import Outcome
from greffe.personal import Said


class AuditReport(msgspec.Struct, kw_only=True):
    """One run of the audits."""

    greffe: str = __version__
    site: str
    made: int
    """Seconds since 1970, by the database's clock."""
    exit: int = 0
    audits: list[Outcome] = []
    """The gravest first: severity, then what could not be told, then how much was found."""
    left_out: list[str] = []
    """Names of audits that read Greffe's own tables, which are not there or not to be read."""
    history: list[Moment] = []
    """Where Greffe's tables are: how the site stood before, and stands now."""
    recorded: bool = False
    """Whether the health page shows this run."""
    fixes: dict[str, int] = {}
    """Action → changes that a plan of what can be mended makes, where one was asked for."""
    fix_plan: str = ""
    """Path of that plan's file; '' where there is nothing to mend."""
    notes: list[Said] = []
    """What a person should know although nothing is wrong."""

    @property
    def found(self) -> list[Outcome]:
        """Audits that found something."""
        return [o for o in self.audits if o.amount]

    @property
    def failed(self) -> list[Outcome]:
        """Audits that could not tell."""
        return [o for o in self.audits if o.error]

    @property
    def counts(self) -> dict[Severity, int]:
        """Severity → findings."""
        return {s: sum(o.amount for o in self.audits if o.audit.severity == s) for s in SEVERITIES}


def in_order(outcomes: list[Outcome]) -> list[Outcome]:
    """The gravest first."""
    return sorted(
        outcomes, key=lambda o: (SEVERITIES.index(o.audit.severity), not o.error, -o.amount, o.audit.name)
    )


def heading(report: AuditReport) -> str:
    """In one sentence."""
    looked = len(report.audits)
    if not (report.found or report.failed):
        return f"{looked} audits found nothing."
    said = [f"{n:,} {s}{'s' * (n > 1 and s in ('error', 'warning'))}" for s, n in report.counts.items() if n]
    text = (
        f"{len(report.found)} of {looked} audits found something: {', '.join(said)}."
        if said
        else f"{looked} audits found nothing."
    )
    if report.failed:
        text += f" {len(report.failed)} could not tell."
    return text
