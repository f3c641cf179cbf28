"""What changed for one course, cohort or person over all runs: as data, and on a terminal."""

from __future__ import annotations

import msgspec
from rich.console import Console
from rich.text import Text

from greffe.personal import Called, Person, Said
from greffe.report.document import ChangeLine
from greffe.report.lists.columns import draw
from greffe.report.texts import ACTIONS, REASONS, moment, visible


class PastLine(ChangeLine, kw_only=True):
    """One change of the past."""

    made: int
    """Seconds since 1970."""
    run: int
    kind: str
    """Of the run."""
    operator: Person
    was: str = ""
    now: str = ""
    """From what to what, in words."""


class Past(msgspec.Struct, kw_only=True):
    """One page, newest first."""

    of: Said
    """What it is asked for."""
    changes: list[PastLine]
    more: bool
    """Whether older changes follow: ``before`` finds them."""
    before: int = 0
    """The number of the page's oldest change."""
    people: Called = []
    """The person that it is asked for, by all that he is called."""


_DONE = {action: action.replace("-", " ") for action in ACTIONS}
"""Action → what was done to one row, in words."""
_HEADS = ("change", "when", "run", "where", "person", "what", "from → to", "why")
_FIRST = ("when", "what", "person", "where", "from → to", "why", "run", "change")
"""What is shown rather than the others where there is not room for all."""


def show(out: Console, past: Past) -> None:
    """A line for each change."""
    if not past.changes:
        out.print(Text(visible(f"No run changed anything for {past.of}."), "bold"))
        return
    rows = [
        (c.id, moment(c.made), f"{c.run} {c.kind}", _place(c), c.person, _DONE.get(c.action, c.action), _moved(c), _why(c))
        for c in past.changes
    ]  # fmt: skip
    first = [*_FIRST]
    if len({c.person for c in past.changes}) == 1:  # as a rule the one that is asked for
        first.sort(key=lambda head: head == "person")
    out.print()
    out.print(Text(visible(f"What changed for {past.of}, newest first"), "bold"))
    lines = ([[visible(str(cell))] for cell in row] for row in rows)
    _, left_out = draw(out, {head: head for head in _HEADS}, lines, first)
    if left_out:
        out.print(Text(f"  No room here for: {', '.join(left_out)}", "dim"))
    if past.more:
        out.print(Text(f"  … older ones: --before {past.before}", "dim"))


def _place(c: PastLine) -> str:
    return f"cohort {c.cohort}" if c.cohort else c.course


def _moved(c: PastLine) -> str:
    return f"{c.was or '–'} → {c.now or '–'}" if c.was or c.now else ""


def _why(c: PastLine) -> str:
    """The reason, where it stood, and whether it was taken back."""
    where = f", {c.feed}:{c.line}" if c.feed else ""
    undone = f"; taken back by run {c.undone}" if c.undone else ""
    return f"{REASONS.get(c.reason, c.reason)}{where}{undone}"
