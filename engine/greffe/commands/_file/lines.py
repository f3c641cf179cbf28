"""What became of each line of a file: what a report on it tells its owner, and what is written out to be corrected."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from greffe.intake.lines import RefusedLine

Found = TypeVar("Found")

Subject = tuple[int, int]
"""What a line is about: (place, person). The place is a course, a cohort or whatever the command counts; 0: none."""


class Fate(StrEnum):
    """What became of a line; of a preview, what would. In the order in which the better gives way to the worse where one
    line says several things."""

    ALREADY = "already"
    """It was so before."""
    DONE = "done"
    SPARED = "spared"
    """Suspended rather than taken out, or switched off rather than deleted: grades would have gone."""
    LATER = "later"
    """The calendar does not let it be made now, and no night will make it: the file has to be given again."""
    HELD = "held"
    """A guard holds what people would lose there."""
    REFUSED = "refused"


_ORDER = {fate: number for number, fate in enumerate(Fate)}


@dataclass(frozen=True, slots=True)
class LineTold:
    """One line of a report."""

    line: int
    fate: Fate
    column: str = ""
    value: str = ""
    why: str = ""


@dataclass(slots=True)
class Lines:
    """All lines of a file: three whole numbers each, and words only for those that are refused."""

    refused: dict[int, RefusedLine] = field(default_factory=dict)
    """By line; the first refusal of each. Their cells are read again where they are wanted."""
    fates: dict[Subject, Fate] = field(default_factory=dict)
    """What became of each subject; of those that are not in it: it was so already."""
    whys: dict[Subject, str] = field(default_factory=dict)
    """Why, of those subjects whose fate needs words."""
    elsewhere: Counter[str] = field(default_factory=Counter)
    """What the file says beside what the command is for → how often."""
    left: Collection[int] = frozenset()
    """Lines that were refused in an earlier attempt: nothing of them is done."""
    _torn: dict[tuple[str, Subject], tuple[int, int]] = field(default_factory=dict)
    """(what of a subject lines want differently) → (a line that speaks of it, a later one that says otherwise)."""
    _tearing: dict[tuple[str, Subject], tuple[int, int]] = field(default_factory=dict)
    """The same, found in this attempt."""
    _lines: array[int] = field(default_factory=lambda: array("q"))
    _places: array[int] = field(default_factory=lambda: array("q"))
    _people: array[int] = field(default_factory=lambda: array("q"))

    def wholly(self, attempt: Callable[[], Found]) -> Found:
        """What ``attempt`` finds when it reads all lines but those of which some part is refused: a line is done whole or
        not at all. It is called again, as if for the first time, until it refuses nothing of which it took a part."""
        while True:
            self.fates.clear()
            self.whys.clear()
            self.elsewhere.clear()
            for numbers in (self._lines, self._places, self._people):
                del numbers[:]
            self.left = frozenset(self.refused)
            self._torn, self._tearing = self._tearing | self._torn, {}
            found = attempt()
            halved = bool(self.refused) and any(line in self.refused for line in self._lines)
            if not halved and not self._tearing:
                return found

    def notes(self) -> list[str]:
        """What the file says that was passed over."""
        return [f"{number:,} times the file names {what}." for what, number in self.elsewhere.items()]

    def disagrees(self, line: int, what: str, subject: Subject, earlier: int) -> int:
        """The line that wants the same differently, 0 for none. ``earlier``: one that was read already and does, 0 for none;
        both are told at the next attempt, since that one was taken."""
        if (what, subject) not in self._torn:
            if earlier:
                self._tearing.setdefault((what, subject), (earlier, line))
            return 0
        first, later = self._torn[what, subject]
        if line < later:
            self._torn[what, subject] = line, later
            return later
        return first

    def add(self, line: int, subject: Subject) -> None:
        """A line that can be done, and what it is about; in the file's order."""
        self._lines.append(line)
        self._places.append(subject[0])
        self._people.append(subject[1])

    def refuse(self, line: int, column: str, value: str, why: str) -> None:
        """A line that cannot be done as it stands."""
        self.refused.setdefault(line, RefusedLine(line, column, value, why))

    def meet(self, subject: Subject, fate: Fate, why: str = "") -> None:
        """What became of a subject; the worst of several holds."""
        if _ORDER[fate] >= _ORDER[self.fates.get(subject, Fate.ALREADY)]:
            self.fates[subject] = fate
            if why:
                self.whys[subject] = why

    def told(self) -> Iterator[LineTold]:
        """Every line once, in the file's order, with what became of it."""
        unread = iter(sorted(self.refused.keys() - set(self._lines)))
        bare = next(unread, None)
        for line, subjects in self._together():
            while bare is not None and bare < line:
                yield _refusal(self.refused[bare])
                bare = next(unread, None)
            if line in self.refused:
                yield _refusal(self.refused[line])
                continue
            worst = max(subjects, key=lambda s: _ORDER[self.fates.get(s, Fate.ALREADY)])
            yield LineTold(line, self.fates.get(worst, Fate.ALREADY), why=self.whys.get(worst, ""))
        while bare is not None:
            yield _refusal(self.refused[bare])
            bare = next(unread, None)

    def counts(self) -> dict[str, int]:
        """Fate → how many lines, in the order of the fates."""
        found = Counter(t.fate for t in self.told())
        return {fate.value: found[fate] for fate in Fate if found[fate]}

    def subjects(self) -> Iterator[tuple[int, Subject]]:
        """(line, what it is about), in the file's order."""
        for line, place, person in zip(self._lines, self._places, self._people, strict=True):
            yield line, (place, person)

    def _together(self) -> Iterator[tuple[int, list[Subject]]]:
        now, subjects = 0, list[Subject]()
        for line, subject in self.subjects():
            if line != now and subjects:
                yield now, subjects
                subjects = []
            now = line
            subjects.append(subject)
        if subjects:
            yield now, subjects


def _refusal(line: RefusedLine) -> LineTold:
    return LineTold(line.line, Fate.REFUSED, line.column, line.value, line.why)
