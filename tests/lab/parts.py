"""The parts of the suite, and how each of them went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal

import pytest

Part = Literal["unit", "LDAP", "MariaDB", "PostgreSQL", "Galera", "Moodle"]
PARTS: tuple[Part, ...] = ("unit", "LDAP", "MariaDB", "PostgreSQL", "Galera", "Moodle")

_BY_MARKER: tuple[tuple[str, Part], ...] = (
    ("moodle", "Moodle"),  # first: those also carry the marker of their database
    ("galera", "Galera"),
    ("ldap", "LDAP"),
    ("mariadb", "MariaDB"),
    ("postgresql", "PostgreSQL"),
)


def part_of(item: pytest.Item) -> Part:
    """Which part a test belongs to, by its markers; one without any of them is a unit test."""
    return next((part for marker, part in _BY_MARKER if item.get_closest_marker(marker)), "unit")


def counts(parts: Mapping[str, Part], stats: Mapping[str, Iterable[object]]) -> dict[Part, Counter[str]]:
    """Passed, failed and skipped of each part, from pytest's reports; an error in a fixture is a failure."""
    found: dict[Part, Counter[str]] = {part: Counter() for part in PARTS}
    for outcome, word in (
        ("passed", "passed"),
        ("xpassed", "failed"),
        ("failed", "failed"),
        ("error", "failed"),
        ("skipped", "skipped"),
        ("xfailed", "skipped"),
    ):
        for report in stats.get(outcome, ()):
            if isinstance(report, pytest.TestReport) and report.nodeid in parts:
                found[parts[report.nodeid]][word] += 1
    return found
