"""What the fault tests count: faults tried, states compared, differences found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Count:
    """One kind of fault on one database."""

    tried: int = 0
    compared: int = 0
    differences: int = 0
    hits: Counter[str] = field(default_factory=Counter)
    """Where or how the faults hit, in a word."""


class Tally:
    """The counts of one test run."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], Count] = {}

    def of(self, fault: str, engine: str) -> Count:
        """The count of this fault on this database."""
        return self._counts.setdefault((fault, engine), Count())

    def lines(self) -> list[str]:
        """One line for each kind of fault."""
        return [
            f"{fault} on {engine}: {c.tried} tried, {c.compared} states compared, differences: {c.differences}"
            + (f" ({', '.join(f'{n} {word}' for word, n in sorted(c.hits.items()))})" if c.hits else "")
            for (fault, engine), c in sorted(self._counts.items())
        ]
