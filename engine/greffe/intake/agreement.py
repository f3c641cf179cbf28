"""Lines that say the same twice, or the contrary of each other, found without keeping them.

A few bits per line tell the few whose subject may have been met before; only those are looked at more closely, in a second
walk. So the memory depends on how many lines repeat others, not on how many lines there are.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import fields
from operator import attrgetter

from greffe.intake.lines import CohortLine, Doing, Line, MemberLine, MethodLine, PersonLine, RefusedLine

_BITS = 1 << 26
"""8 MiB."""
_MARKS = 4
"""Bits for each subject (a Bloom filter): of 200,000 different lines, hardly one is looked at more closely for nothing."""

Claim = tuple[Hashable, Hashable]
"""What a line speaks of, and what it says of it."""


def claims(line: Line, code: str) -> Iterator[Claim]:
    """What must not differ between two lines. What is not said contradicts nothing.

    People: one enrolment has one start, one end and one state, and is given or taken; but it may have several roles
    and groups. In format 6 it is the role that is given or taken. Methods: one for each course, source and role.
    """
    match line:
        case PersonLine():
            who = (line.person.casefold(), line.course)
            given = line.doing is not Doing.REMOVE
            yield ("given", who, line.role if code == "6" else ""), given
            if given:
                for what, value in (("start", line.start), ("end", line.end), ("suspended", line.suspended)):
                    if value is not None:
                        yield (what, who), value
        case MemberLine():
            yield ("member", line.person.casefold(), line.cohort), line.doing
        case MethodLine():
            # Moodle can have a method twice, with two roles; whether this course does, the site knows
            which = (line.course, line.method, line.source, line.role)
            given = line.doing is not Doing.REMOVE
            yield ("method", which), given
            if given:
                for what, said in (("group", line.group), ("enabled", line.enabled)):
                    if said is not None:
                        yield (what, which), said
        case CohortLine():
            yield ("cohort", line.idnumber), (line.name, line.context, line.context_kind)
            for what, said in (("description", line.description), ("visible", line.visible)):
                if said is not None:
                    yield (what, line.idnumber), said


class Agreement:
    """What two walks through a file's lines found."""

    def __init__(self, walk: Callable[[], Iterator[Line | RefusedLine]], code: str) -> None:
        self._code = code
        suspects = self._suspects(walk)
        self._said: dict[int, tuple[int, int]] = {}
        self._against: dict[int, tuple[int, int]] = {}
        self._whole: dict[int, int] = {}
        if suspects:
            self._compare(walk, suspects)

    def against(self, line: Line) -> int:
        """The number of a line that says the contrary; 0 for none."""
        for subject, _ in claims(line, self._code) if self._against else ():
            pair = self._against.get(_digest(subject))
            if pair:
                return pair[1] if pair[0] == line.line else pair[0]
        return 0

    def same(self, line: Line) -> int:
        """The number of the first line that says the same, if it is an earlier one; 0 for none."""
        first = self._whole.get(_whole(line), 0) if self._whole else 0
        return first if first < line.line else 0

    def _suspects(self, walk: Callable[[], Iterator[Line | RefusedLine]]) -> set[int]:
        seen = bytearray(_BITS // 8)
        suspects: set[int] = set()
        for line in walk():
            if isinstance(line, RefusedLine):
                continue
            for subject, _ in claims(line, self._code):
                digest = _digest(subject)
                new = False
                # the two halves of one digest make as many as are wanted
                step = digest >> 32 | 1
                for i in range(_MARKS):
                    mark = (digest + i * step) % _BITS
                    if not seen[mark >> 3] >> (mark & 7) & 1:
                        seen[mark >> 3] |= 1 << (mark & 7)
                        new = True
                if not new:
                    suspects.add(digest)
        return suspects

    def _compare(self, walk: Callable[[], Iterator[Line | RefusedLine]], suspects: set[int]) -> None:
        for line in walk():
            if isinstance(line, RefusedLine):
                continue
            for subject, said in claims(line, self._code):
                digest = _digest(subject)
                if digest not in suspects:
                    continue
                first = self._said.setdefault(digest, (line.line, _digest(said)))
                if first[1] != _digest(said):
                    self._against.setdefault(digest, (first[0], line.line))
                self._whole.setdefault(_whole(line), line.line)
        self._said.clear()


_CONTENT = {
    kind: attrgetter(*(f.name for f in fields(kind) if f.name != "line"))
    for kind in (PersonLine, MethodLine, CohortLine, MemberLine)
}
"""All that a line says, but where it stands."""


def _whole(line: Line) -> int:
    return _digest(_CONTENT[type(line)](line))


def _digest(value: Hashable) -> int:
    return hash(value) & 0xFFFF_FFFF_FFFF_FFFF
