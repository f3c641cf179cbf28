"""What the exit codes mean, in words; the codes themselves are ``greffe.errors.Exit``."""

from __future__ import annotations

from collections.abc import Iterable

from greffe.errors import Exit

MEANING: dict[Exit, str] = {
    Exit.DONE: "done; nothing is left to do",
    Exit.BUG: "a fault in Greffe itself (--debug shows where)",
    Exit.USAGE: "wrong usage or configuration",
    Exit.CHANGES_PENDING: "plan, and what is asked with --dry-run: changes are pending",
    Exit.HELD: "a guard holds the run, or what people would lose in some courses",
    Exit.PARTIAL: "a feed is bad: what it reaches was left alone, the rest was done",
    Exit.NOT_READY: "the site cannot be written to now",
    Exit.DATABASE: "the database refused or was lost",
    Exit.INTERRUPTED: "stopped by a signal; the next night finishes (what was approved: approve the rest)",
    Exit.STALE: "the site moved since the plan was made",
    Exit.REFUSED: "some changes were refused, since they could not be made exactly",
    Exit.FOUND_WARNINGS: "audits found what somebody should look at, or could not tell",
    Exit.FOUND_ERRORS: "audits found what must not be in Moodle's tables",
}

WINS = """
Where several fit: 4 if the whole run is held, else 5, else 4 for parts, else 10."""
"""Which of them a night or a look at it ends with (commands/nightly.py, commands/reporting.py): a line below a table."""

OF_ALL = """
Of --all: the gravest of the sites', in the order 1, 7, 6, 2, 8, 4, 5, 10, 0."""
_GRAVITY = (
    Exit.BUG, Exit.DATABASE, Exit.NOT_READY, Exit.USAGE, Exit.INTERRUPTED, Exit.HELD, Exit.PARTIAL, Exit.REFUSED,
    Exit.DONE,
)  # fmt: skip
"""What keeps a site from having its night comes before what a night ended with."""


def gravest(codes: Iterable[int]) -> int:
    """The exit code of several sites together."""
    return min(codes, key=lambda code: _GRAVITY.index(Exit(code)), default=Exit.DONE)


def table(*codes: Exit) -> str:
    """Lines ``code  meaning``; all codes where none is named."""
    # a line that begins with a blank would be taken for an indent
    return "\n".join(
        f"{code.value:<2}  {MEANING[code]}" for code in sorted({*codes, Exit.USAGE} if codes else MEANING)
    )
