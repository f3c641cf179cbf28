"""The cases that a real Moodle judges."""

from __future__ import annotations

from tests.moodle.scenarios import courses, keys, leavers, others, people, registrations

SCENARIOS = (
    *registrations.SCENARIOS,
    *leavers.SCENARIOS,
    *people.SCENARIOS,
    *courses.SCENARIOS,
    *keys.SCENARIOS,
    *others.SCENARIOS,
)
