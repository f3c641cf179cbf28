"""What the rules must know of the site."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from greffe.rules.cohorts import CohortSite


@dataclass(slots=True)
class Site:
    """All of it mappings, so that the core needs no database."""

    people: Mapping[str, int]
    ambiguous: Collection[int]
    alike: Callable[[Iterable[str]], Mapping[str, list[int]]]
    """For people without an exact match: the ids that the database's own comparison finds."""
    courses: Callable[[str], tuple[Mapping[str, int], Collection[str]]]
    """For a course field: (text → id, texts that several courses share)."""
    hidden: Collection[int]
    roles: Mapping[str, int]
    cohorts: CohortSite = field(default_factory=CohortSite)
