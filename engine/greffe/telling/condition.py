"""How a night left a site: what is worth telling of it, and by what one such state is known from another."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from greffe.errors import Exit, GreffeError
from greffe.report.document import Document


class Kind(StrEnum):
    """What somebody must hear, in the words of the configuration's ``on``."""

    GOOD = "good"
    HELD = "held"
    FEED = "feed"
    REFUSED = "refused"
    FAILURE = "failure"


_KINDS = {
    Exit.DONE: Kind.GOOD,
    Exit.HELD: Kind.HELD,
    Exit.PARTIAL: Kind.FEED,
    Exit.REFUSED: Kind.REFUSED,
}


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """One night's ending."""

    kind: Kind
    about: str = ""
    """What tells it from another of its kind: the bad feeds, whether all is held, the name of the error."""
    document: Document | None = None
    error: GreffeError | None = None
    """Exactly one of the two."""

    @property
    def run(self) -> int:
        """The run; 0 where there is none."""
        return self.document.run if self.document else 0

    @property
    def exit(self) -> int:
        """The night's exit code."""
        return self.document.exit if self.document else int(self.error.exit if self.error else Exit.BUG)


def of_document(document: Document) -> Condition:
    """A night that came to its end, by the same order of gravity as its exit code."""
    kind = _KINDS.get(Exit(document.exit), Kind.FAILURE)
    about = {
        Kind.HELD: "all" if document.held else "places",
        Kind.FEED: ",".join(sorted(f.name for f in document.bad_feeds)),
    }
    return Condition(kind=kind, about=about.get(kind, ""), document=document)


def of_error(error: GreffeError) -> Condition:
    """A night that could not be run, or not to its end."""
    return Condition(kind=Kind.FAILURE, about=type(error).__name__, error=error)
