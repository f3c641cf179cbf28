"""What `greffe prune` takes out, or took: as data, and in words."""

from __future__ import annotations

import msgspec
from rich.console import Console
from rich.text import Text

from greffe import __version__
from greffe.personal import FilePath
from greffe.report import terminal
from greffe.report.texts import count, moment, visible

WORDS = {
    "changes": "changes in the journal",
    "runs": "runs of which only the figures stay",
    "feeds": "notes on feeds",
    "approvals": "approvals",
    "waiting": "people waiting, of feeds that come no more",
    "findings": "findings of audits",
    "messages": "messages",
    "reports": "HTML reports",
}


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """How much of one kind is older than it is kept."""

    what: str
    """changes, runs, feeds, approvals, waiting, findings, messages, reports."""
    kept: str
    """As ``[retention]`` says."""
    before: int
    """The moment before which it goes, seconds since 1970; 0: it is kept for ever."""
    amount: int


class Pruning(msgspec.Struct, kw_only=True):
    """What `greffe prune` takes out, or took."""

    greffe: str = __version__
    site: str
    made: int
    """Seconds since 1970, by the database's clock."""
    run: int = 0
    """0: nothing was taken out."""
    exit: int = 0
    parts: list[Part]
    run_ids: list[int] = []
    """Runs that cannot be undone afterwards."""
    latest: int = 0
    """When the latest of them began."""
    untold: list[int] = []
    """Old runs that stay, since the plugin has still to tell Moodle of them."""
    in_use: list[int] = []
    """Old runs that stay, since monitoring and audits look back to them."""
    undeleted: list[FilePath] = []
    """Reports that could not be deleted, each with the reason."""

    @property
    def amount(self) -> int:
        """Rows and files in all."""
        return sum(p.amount for p in self.parts)


def headline(p: Pruning) -> str:
    """In one sentence, or two."""
    if not p.amount:
        return "Nothing is older than it is kept."
    what = f"{p.amount:,} {'row or file' if p.amount == 1 else 'rows and files'}"
    taken = p.run or p.undeleted or not p.exit
    said = f"{what} {'taken out' if taken else 'would be taken out'}{f' by run {p.run}' if p.run else ''}."
    if p.run_ids:
        which = (
            f"run {p.run_ids[0]}"
            if len(p.run_ids) == 1
            else f"{len(p.run_ids):,} runs, the latest of {moment(p.latest)[:10]},"
        )
        said += f" {which[0].upper()}{which[1:]} can {'no longer be undone' if taken else 'then no longer be undone'}."
    return said


def notes(p: Pruning) -> list[str]:
    """What stays although it is old, and what could not go."""
    said = []
    if p.untold:
        said.append(
            f"{count(len(p.untold), 'old run')} kept: the plugin has still to tell Moodle of them (see the task Relay)."
        )
    if p.in_use:
        said.append(
            f"{count(len(p.in_use), 'old run')} kept: monitoring and audits look back to the last nights, whatever their age."
        )
    return said + [f"not deleted: {one}" for one in p.undeleted]


def show(out: Console, p: Pruning) -> None:
    """On a terminal."""
    out.print(Text(headline(p), "bold"))
    rows = [(WORDS[part.what], part.kept, moment(part.before), f"{part.amount:,}") for part in p.parts]
    terminal.listing(out, "", ["", "kept", "older than", ""], rows, right={3})
    for note in notes(p):
        out.print(Text(f"• {visible(note)}"), soft_wrap=True)
