"""One run of the past: as data, and on a terminal."""

from __future__ import annotations

import msgspec
from rich.console import Console
from rich.text import Text

from greffe.apply.journal import RunRecord
from greffe.personal import Person, Said
from greffe.report import terminal
from greffe.report.document import ChangeLine
from greffe.report.texts import by_action, command_line, count, figures, moment, visible


class Account(msgspec.Struct, kw_only=True):
    """A run and one page of its changes."""

    run: RunRecord
    changes: list[ChangeLine]
    first: int
    """Number of the page's first change among those asked for, from 1."""
    more: bool
    """Whether changes follow after this page."""
    let_pass_by: Person = ""
    """Who approved the plan that a guard held, where that still holds or a run has made it."""
    let_pass_until: int = 0
    made_by: int = 0
    """The run that made what was held; 0: none."""
    part: Said = ""
    """Of what the changes were asked for: a course, a cohort, a person; '': all."""


def show(out: Console, account: Account, *, config_file: str = "", limit: int = 20) -> None:
    """Figures, feeds, guards, changes. ``config_file``: for commands that are to be typed; ``limit``: longest list."""
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
    _figures(out, r)
    if r.feeds:
        out.print()
    for feed in r.feeds:
        numbers = [f"{n:,} {words}" for words, n in figures(msgspec.structs.asdict(feed))]
        state = "bad" if feed.problems else "good"
        out.print(Text(visible(f"Feed {feed.feed}: {', '.join([state, *numbers])}")))
        for problem in feed.problems:
            out.print(Text(f"  ✗ {visible(problem)}", "red"))
    if r.verdicts:
        terminal.verdicts(
            out, r.verdicts, limit, all_of_them=command_line(config_file, f"show {r.id} --limit")
        )
    if account.let_pass_by:
        told = f"{account.let_pass_by} let this plan pass until {moment(account.let_pass_until)}."
        if account.made_by:
            told = f"Run {account.made_by} made it: {account.let_pass_by} had let it pass."
        out.print(Text(visible(told), "green"))
    elif r.waits_for_approval:
        _how_it_passes(out, r, config_file)
    if account.changes:
        terminal.changes(out, account.changes, len(account.changes))
    elif account.part and not account.more:
        rest = "" if account.first == 1 else f" from change {account.first} on"
        told = f"The run changed nothing for {account.part}{rest}."
        if r.state == "held":
            told = (
                f"Run {r.id} is held: it changed nothing, for {account.part} either. What a night would do there: "
                "`greffe plan` with the same --course, --cohort or --person."
            )
        out.print(Text(visible(told), "yellow"))
    elif account.first > 1:
        out.print(Text(f"The run has no change {account.first}.", "yellow"))
    if account.more:
        next_one = account.first + len(account.changes)
        out.print(Text(f"  … more follow: --from {next_one}", "dim"))


def _figures(out: Console, r: RunRecord) -> None:
    """What was made, beside what was planned where the guards kept some of it from being made."""
    if not (r.waits_for_approval and r.planned):
        if r.counts:
            rows = [(words, f"{n:,}") for _, words, n in by_action(r.counts)]
            terminal.listing(out, "", ["", ""], rows, right={1})
        return
    held = [
        (words, f"{r.counts.get(action, 0):,}", f"{r.planned.get(action, 0):,}")
        for action, words, _ in by_action(r.planned | r.counts)
    ]
    terminal.listing(out, "", ["", "made", "planned"], held, right={1, 2})


def _how_it_passes(out: Console, r: RunRecord, config_file: str) -> None:
    """The digest is of that night's plan: what a look shows now has to have the same one."""
    look, approve = (command_line(config_file, words) for words in ("plan", f"approve {r.digest[:12]}"))
    if r.kind == "nightly":
        out.print(Text(visible(f"Course by course, as a night would do it now: {look}")), soft_wrap=True)
    out.print("If this plan is right, let it pass with:")
    out.print(Text(visible(f"  {approve}"), "bold"), soft_wrap=True)
