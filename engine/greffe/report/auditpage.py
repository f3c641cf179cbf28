"""The audits' HTML report: one file that needs nothing else, dark on white, readable on a phone and on paper."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from greffe.audit.catalogue import SEVERITIES
from greffe.audit.findings import Moment
from greffe.privatefile import private_file
from greffe.report.audits import AuditReport, heading
from greffe.report.html import page, width
from greffe.report.texts import moment

LATEST = 60
"""Moments drawn over time."""
_MOMENTS = ("earliest", "latest", "oldest", "timestarted")
"""Columns of findings that hold seconds since 1970."""
_STEP = 10
"""Width of a moment in the drawing, a gap included."""

TEXTS = {
    "title": "Greffe: audits",
    "made": "made",
    "site": "site",
    "recorded": "on the health page",
    "yes": "yes",
    "no": "no",
    "severities": "Findings by severity",
    "over_time": "Findings over time",
    "most": "{n} at most",
    "found": "What was found",
    "failed": "Could not be told",
    "quiet": "Nothing found",
    "about": "what it looks for",
    "seconds": "seconds",
    "left_out": "Left out, since they read Greffe's own tables",
    "more": "and {n} more: greffe sql {name}",
}
"""Headings and notes."""


def render(report: AuditReport) -> str:
    """The page; every text from the site is escaped."""
    counts = report.counts
    top = max(counts.values()) or 1
    columns, most = _columns(report.history[-LATEST:])
    return page(
        "audit.html",
        title=TEXTS["title"],
        version=report.greffe,
        r=report,
        t=TEXTS,
        heading=heading(report),
        mood="bad"
        if counts["critical"] or counts["error"]
        else "warn"
        if counts["warning"] or report.failed
        else "",
        severities=[(s, counts[s], width(counts[s], top)) for s in SEVERITIES],
        columns=columns,
        width=_STEP * len(columns),
        top=f"{most:,}",
        failed=report.failed,
        shown=_shown,
        found=report.found,
        quiet=[o for o in report.audits if not (o.amount or o.error)],
    )


def write(report: AuditReport, path: Path) -> None:
    """Write the page, readable by its owner only: ids of people stand in it. Raises OSError."""
    text = render(report)
    with private_file(path) as file:
        file.write(text)


def _shown(head: str, value: Any) -> Any:
    """A cell of a finding: moments as people read them."""
    return "" if value is None else moment(value) if head in _MOMENTS else value


def _columns(history: Sequence[Moment]) -> tuple[list[dict[str, Any]], int]:
    """A stacked column for each moment, the gravest at the bottom; and what the highest of them adds up to."""
    most = max((sum(m.counts.values()) for m in history), default=0)
    columns = []
    for at, one in enumerate(history):
        y, parts = 100.0, []
        for severity in SEVERITIES:
            amount = one.counts.get(severity, 0)
            height = round(100 * amount / most, 2) if most else 0.0
            y -= height
            if height:
                parts.append({"severity": severity, "amount": amount, "y": round(y, 2), "height": height})
        columns.append({"x": at * _STEP, "made": one.made, "parts": parts})
    return columns, most
