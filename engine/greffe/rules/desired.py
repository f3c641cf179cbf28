"""Who should be where: what the rules make of registrations, of one feed and of all of them."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from greffe.rules.cohorts import WantedCohort

Times = tuple[int, int]
CourseRole = tuple[int, int]
CourseGroup = tuple[int, str]

_At = TypeVar("_At")


@dataclass(slots=True)
class Waiting:
    """Someone whom the feed names and Moodle does not know yet, and one place that waits for them."""

    person: str
    line: int
    course: int
    role: int
    group: str
    times: Times
    cohort: str = ""
    """The idnumber of the cohort that waits, where it is no course."""
    alone: bool = False
    """Whether the role waits without an enrolment."""


@dataclass(slots=True)
class Desired:
    """Who should be where. Marks are unsorted and may repeat; see ``greffe.model``."""

    roles: dict[CourseRole, array[int]] = field(default_factory=dict)
    others: dict[CourseRole, array[int]] = field(default_factory=dict)
    """Who gets the role alone, without being enrolled (Moodle's "other users")."""
    groups: dict[CourseGroup, array[int]] = field(default_factory=dict)
    named: set[int] = field(default_factory=set)
    """Courses that some row names, whether it leads to anybody or not: they have the method, as in Moodle."""
    times: dict[int, dict[int, Times | None]] = field(default_factory=dict)
    """Course → person → (start, end); None: without limits. Only for courses that a rule with times reaches."""
    places: dict[str, set[CourseRole]] = field(default_factory=dict)
    """Feed → the places that it produced tonight."""
    waiting: dict[str, list[Waiting]] = field(default_factory=dict)
    cohorts: dict[str, WantedCohort] = field(default_factory=dict)
    """By what tells idnumbers apart on this site."""

    def limit(self, course: int, user: int, limits: Times | None) -> None:
        """Note from when to when somebody is enrolled; who is named twice gets the wider of the two."""
        people = self.times.setdefault(course, {})
        people[user] = wider(people[user], limits) if user in people else limits

    def add(self, other: Desired) -> None:
        """Take over what another feed wants. Marks are moved where nobody else wants the place, rather than copied: they are
        most of a night's memory, and ``other`` is not to be used any more."""
        _move(self.roles, other.roles)
        _move(self.others, other.others)
        _move(self.groups, other.groups)
        self.named |= other.named
        for course, people in other.times.items():
            if course in self.times:
                for user, limits in people.items():
                    self.limit(course, user, limits)
            else:
                self.times[course] = people
        self.places.update(other.places)
        self.waiting.update(other.waiting)
        for key, wanted in other.cohorts.items():
            if key in self.cohorts:
                self.cohorts[key].merge(wanted)
            else:
                self.cohorts[key] = wanted


def wider(one: Times | None, other: Times | None) -> Times | None:
    """The span that covers both; 0 is no limit, None is no limit on either side."""
    if one is None or other is None:
        return None
    start = 0 if 0 in (one[0], other[0]) else min(one[0], other[0])
    return start, 0 if 0 in (one[1], other[1]) else max(one[1], other[1])


def _move(into: dict[_At, array[int]], marks: Mapping[_At, array[int]]) -> None:
    for at, more in marks.items():
        if at in into:
            into[at].extend(more)
        else:
            into[at] = more
