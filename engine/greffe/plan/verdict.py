"""One limit of the guards that a plan reached."""

from __future__ import annotations

import msgspec

NO_FEED = "(none any more)"
"""Stands for the feed where people lose a place that no feed and no rule answers for any more."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One limit that was reached."""

    level: str
    """``feed``: the run is held; ``course``, ``cohort``: its losses are."""
    name: str
    kind: str
    """additions, changes, suspensions, removals, everybody, at-most, emptied; with ``member-`` before it of cohorts."""
    value: int
    of: int
    limit: str
    course: int = 0
    enrol: int = 0
    cohort: str = ""
    """Its idnumber."""

    def __str__(self) -> str:
        what = {
            "everybody": "everybody would leave",
            "emptied": "courses would be emptied",
            "member-everybody": "everybody would leave",
            "member-emptied": "cohorts would be emptied",
        }.get(self.kind, self.kind.replace("at-most", "removals"))
        return f"{self.level} {self.name}: {self.value} of {self.of} {what}, limit {limit_words(self.limit)}"


def limit_words(limit: str) -> str:
    """The guards' ``10% and 50`` for people: a share counts only from so many enrolments (or what else they say)."""
    part, _, floor = limit.partition(" and ")
    if floor.isdigit():
        floor += " enrolments"
    return f"{part}, from {floor}" if floor else limit
