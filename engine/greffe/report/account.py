"""One run of the past: as data, and on a terminal."""

from __future__ import annotations

import msgspec
from rich.console import Console
from rich.text import Text

from greffe.apply.journal import RunRecord
from greffe.personal import Said
from greffe.report import terminal
from greffe.report.document import ChangeLine
from greffe.report.texts import FIGURES, by_action, count, moment, visible

LIMITS = 20
"""Limits shown of those that a run reached; `--json` has them all."""


class Account(msgspec.Struct, kw_only=True):
    """A run and one page of its changes."""

    run: RunRecord
    changes: list[ChangeLine]
    first: int
    """Number of the page's first change among those asked for, from 1."""
    more: bool
    """Whether changes follow after this page."""
    part: Said = ""
    """Of what the changes were asked for: a course, a cohort, a person; '': all."""


def show(out: Console, account: Account) -> None:
    """Figures, feeds, guards, changes."""
    r = account.run
    kind = f"{r.kind} of run {r.undoes}" if r.undoes else r.kind
    ending = f"{r.state} ({r.reason})" if r.reason else r.state
    out.print(Text(visible(f"Run {r.id}, {kind}: {ending}, {count(r.changes, 'change')}"), "bold"))
    facts = [
        ("began", moment(r.started)),
        ("ended", moment(r.ended)),
        ("by", f"{r.operator} on {r.host}, Greffe {r.version}"),
        ("plan", r.digest),
        ("approved by", r.approved_by),
        ("error", r.error),
    ]
    terminal.listing(out, "", ["", ""], [f for f in facts if f[1]])
    if r.counts:
        terminal.listing(out, "", ["", ""], [(words, f"{n:,}") for _, words, n in by_action(r.counts)])
    for feed in r.feeds:
        figures = [f"{n:,} {words}" for k, words in FIGURES.items() if (n := getattr(feed, k))]
        state = "bad" if feed.problems else "good"
        out.print(Text(visible(f"Feed {feed.feed}: {state}, {', '.join(figures)}")))
        for problem in feed.problems:
            out.print(Text(f"  ✗ {visible(problem)}", "red"))
    if r.verdicts:
        terminal.verdicts(out, r.verdicts, LIMITS)
    if account.changes:
        terminal.changes(out, account.changes, len(account.changes))
    elif account.part and not account.more:
        rest = "" if account.first == 1 else f" from change {account.first} on"
        out.print(Text(visible(f"The run changed nothing for {account.part}{rest}."), "yellow"))
    if account.more:
        next_one = account.first + len(account.changes)
        out.print(Text(f"  … more follow: --from {next_one}", "dim"))
