"""What audits found, on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from greffe.audit.catalogue import Severity
from greffe.audit.running import Outcome
from greffe.report.audits import AuditReport, heading
from greffe.report.terminal import listing
from greffe.report.texts import visible

_STYLES: dict[Severity, str] = {"critical": "bold red", "error": "red", "warning": "yellow", "info": "cyan"}


def show(out: Console, report: AuditReport, limit: int) -> None:
    """What was found, the gravest first; audits that found nothing are only counted. ``limit``: findings of each."""
    for one in report.audits:
        if one.amount or one.error:
            _outcome(out, one, limit)
    for note in report.notes:
        out.print(Text(f"• {visible(note)}"))
    grave = next((s for s, n in report.counts.items() if n), None)
    out.print(Text(heading(report), _STYLES[grave] if grave else "yellow" if report.failed else "bold green"))


def _outcome(out: Console, one: Outcome, limit: int) -> None:
    audit = one.audit
    said = "cannot be told" if one.error else f"{one.amount:,}"
    out.print(
        Text.assemble(
            (audit.severity, _STYLES[audit.severity]), f" {audit.name}: ", (said, "bold"), f"  {audit.about}"
        ),
        soft_wrap=True,
    )
    if one.error:
        out.print(Text(f"  {visible(one.error)}"), soft_wrap=True)
        return
    heads = list(one.examples[0])
    listing(out, "", heads, [["" if v is None else v for v in row.values()] for row in one.examples[:limit]])
    if one.amount > limit:
        out.print(Text(f"  … and {one.amount - limit:,} more: greffe sql {audit.name}", "dim"))
    out.print(Text(f"  {audit.why}"), soft_wrap=True)
    out.print(Text(f"  → {audit.mend}\n"), soft_wrap=True)
