"""What a run of these tests tried, and what came of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Tally:
    """Counts of one run of the tests."""

    faults: Counter[str] = field(default_factory=Counter)
    compared: int = 0
    differences: int = 0
    plans: int = 0
    behind: int = 0
    """How many of the plans were made on a node that had not applied yet what they had to see."""

    def tried(self, kind: str) -> None:
        """A fault happened in the middle of a night."""
        self.faults[kind] += 1

    def same(self, found: dict[str, list[Any]], right: dict[str, list[Any]]) -> None:
        """Hold what a disturbed night left against what an undisturbed one leaves; AssertionError names the difference."""
        self.compared += 1
        wrong = [name for name in right if found[name] != right[name]]
        self.differences += len(wrong)
        for name in wrong:
            assert found[name] == right[name], name

    def lines(self) -> list[str]:
        """For the summary."""
        plans = f"{self.plans} plans made right after another node's write, {self.behind} of them on a node that was behind: stale: 0"
        kinds = ", ".join(f"{n} × {kind}" for kind, n in sorted(self.faults.items()))
        return [
            f"{self.faults.total()} faults tried, {self.compared} states compared, differences: {self.differences}",
            kinds,
            *([plans] if self.plans else []),
        ]
