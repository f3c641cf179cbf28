"""Which cohorts stand behind a list of people: exactly, or nearly, with who is missing and who would come along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NEAR = 0.1
"""Share of a list, and of a cohort, that may differ so that one still speaks of a whole promotion: a few have registered late,
a few have left."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Some cohorts beside a list of people."""

    cohorts: tuple[int, ...]
    missing: frozenset[int]
    """On the list, and in none of them."""
    extra: frozenset[int]
    """In one of them, and not on the list."""

    @property
    def exact(self) -> bool:
        """Whether they are the list, no more and no less."""
        return not (self.missing or self.extra)

    @property
    def off(self) -> int:
        """How many people tell them apart."""
        return len(self.missing) + len(self.extra)

    def near(self, people: int) -> bool:
        """Whether they are a list of so many people as far as promotions go."""
        return self.off <= people * NEAR


def cover(people: frozenset[int], cohorts: Mapping[int, frozenset[int]]) -> Coverage | None:
    """The cohorts that come closest to the list: one of them, or several together whose members nearly all are on it. None
    where no cohort has anybody of the list.

    The fewest cohorts of those that come equally close; of these the lowest ids.
    """
    meeting = {c: members for c, members in sorted(cohorts.items()) if members & people}
    if not meeting:
        return None
    found = [_coverage(people, (c,), meeting) for c in meeting]
    found += [_together(people, meeting, share) for share in (0.0, NEAR)]
    return min((c for c in found if c.cohorts), key=lambda c: (c.off, len(c.cohorts), c.cohorts))


def _together(people: frozenset[int], cohorts: Mapping[int, frozenset[int]], share: float) -> Coverage:
    """Cohorts of whose members at most this share is not on the list, the one that brings most first, until none brings
    more than it is wrong about."""
    inside = {c: m for c, m in cohorts.items() if len(m - people) <= len(m) * share}
    chosen: list[int] = []
    left = set(people)
    wrong: set[int] = set()
    while inside:
        best = max(inside, key=lambda c: (_worth(inside[c], people, left, wrong), -c))
        if _worth(inside[best], people, left, wrong) <= 0:
            break
        members = inside.pop(best)
        chosen.append(best)
        left -= members
        wrong |= members - people
    return _coverage(people, tuple(sorted(chosen)), cohorts)


def _worth(members: frozenset[int], people: frozenset[int], left: set[int], wrong: set[int]) -> int:
    """How many people of the list it brings beyond those that it brings wrongly."""
    return len(members & left) - len(members - people - wrong)


def _coverage(
    people: frozenset[int], chosen: tuple[int, ...], cohorts: Mapping[int, frozenset[int]]
) -> Coverage:
    covered = frozenset[int]().union(*(cohorts[c] for c in chosen))
    return Coverage(chosen, people - covered, covered - people)
