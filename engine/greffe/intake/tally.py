"""What the reader finds odd though not wrong: counted, with the first place of each, so that a long file stays small."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum

from greffe.rules.text import shown


class Oddity(StrEnum):
    """What is counted, in words."""

    NUMBER = "cells that a spreadsheet holds as numbers, so that leading zeros, if there were any, are lost"
    GROUPED = "numbers in groups of three digits, read without the spaces"
    NO_BREAK = "no-break spaces inside a name, kept"
    HEADER_AGAIN = "the header once more, passed over"
    DUPLICATE = "lines that say the same as an earlier one"
    NOTHING = "lines that ask for nothing"
    TYPE = "old types of role, 1 read as student, 2 as editingteacher, 3 as teacher"
    DATES = "dates of a method, passed over since cohort sync and meta links have none"
    META_ROLE = "roles of a meta link, passed over since it has none"
    SHORT_START = "enrolment periods without a start, which begin today"


class Tally:
    """How often each oddity was met, and where first."""

    def __init__(self) -> None:
        self._times: Counter[Oddity] = Counter()
        self._first: dict[Oddity, tuple[int, str]] = {}

    def add(self, oddity: Oddity, line: int, value: str = "") -> None:
        """One more."""
        self._times[oddity] += 1
        self._first.setdefault(oddity, (line, value))

    def notes(self) -> tuple[str, ...]:
        """One sentence each."""
        return tuple(self._note(oddity) for oddity in Oddity if self._times[oddity])

    def _note(self, oddity: Oddity) -> str:
        line, value = self._first[oddity]
        return f"{oddity}: {self._times[oddity]:,} (first: line {line}{', ' + shown(value) if value else ''})"
