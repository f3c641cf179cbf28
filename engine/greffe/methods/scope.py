"""What Moodle holds for one method instance, as the database aggregates it: one string of ids per scope.

Strings are compared before they are parsed: equal counts and equal strings end the matter.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

Times = tuple[int, int]


BY_HAND = frozenset({"manual", "self"})
"""Methods whose roles and memberships are nobody's (``roles_protected()`` is false): whoever enrols by hand may take them
away again, and who gave them is not kept."""


def component(method: str) -> str:
    """Who gave a role or a group: ``component`` of the rows that belong to an instance of the method."""
    return f"enrol_{method}"


def parse_ids(text: str) -> list[int]:
    """``1,2,3`` → [1, 2, 3]."""
    return list(map(int, text.split(","))) if text else []


def count_ids(text: str) -> int:
    """How many ids there are, without parsing them."""
    return text.count(",") + 1 if text else 0


def join_ids(values: list[int]) -> str:
    """[1, 2, 3] → ``1,2,3``."""
    return ",".join(map(str, values))


@dataclass(slots=True)
class Scope:
    """The enrolments and role holders of one instance of a method (``enrol`` 0: there is none yet)."""

    course: int
    enrol: int
    active: str = ""
    """Active and without time limits, ascending."""
    suspended: str = ""
    """Suspended, whatever their times."""
    gone_timed: dict[Times, str] = field(default_factory=dict)
    """(start, end) → those of the suspended who have these limits; read only for methods that set them."""
    timed: dict[Times, str] = field(default_factory=dict)
    """(start, end) → active people with these limits."""
    roles: dict[int, str] = field(default_factory=dict)
    """Role → who holds it through this instance in the course's context, each time it is held."""
    groups: dict[int, dict[bool, str]] = field(default_factory=dict)
    """Group of the course → {through this instance?: members}; read only where a rule names groups."""

    @property
    def people(self) -> int:
        """How many are active, with or without limits."""
        return count_ids(self.active) + sum(map(count_ids, self.timed.values()))

    def fingerprint(self) -> str:
        """Tells whether a scope is still as it was when a plan was made."""
        parts = [
            self.enrol,
            self.active,
            self.suspended,
            sorted(self.timed.items()),
            sorted(self.roles.items()),
        ]
        if self.gone_timed:
            parts.append(sorted(self.gone_timed.items()))
        parts += [sorted((g, sorted(m.items())) for g, m in self.groups.items())]
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
