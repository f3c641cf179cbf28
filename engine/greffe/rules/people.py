"""Whom the cells of a person column mean: decided once per person."""

from __future__ import annotations

from greffe.config.feeds import Person
from greffe.model import USER_SHIFT
from greffe.rules.desired import Waiting
from greffe.rules.reading import Reading
from greffe.rules.site import Site
from greffe.rules.targets import Target
from greffe.rules.text import clean, holds, pad

UNKNOWN, EMPTY, AMBIGUOUS = 0, -1, -2
"""In place of a person's part of a mark: no exact match (the database is asked later), nobody is named, several are meant."""
Pending = tuple[str, Target, int]
"""A row whose person has no exact match: his cell, where the row leads, its line."""
_PERSON = 255
"""Characters that the longest field of a person has at most (``user``)."""


class People:
    """Those whom one feed names."""

    def __init__(self, who: Person, base: int, site: Site, reading: Reading) -> None:
        """``base``: the feed's part of a mark."""
        self._who, self._base, self._site, self._reading = who, base, site, reading
        self.known: dict[str, int] = {}
        """Cell → a person's part of a mark, or what stands in its place."""

    def find(self, cell: str) -> int:
        """What ``known`` is to remember of a cell."""
        width = self._who.pad
        text = pad(clean(cell), width)
        if not text:
            return EMPTY
        found = self._site.people.get(text)
        if found is None and not width:
            found = self._site.people.get(cell)  # the account's own field may have blanks around it
        if found is None:
            return UNKNOWN
        if found in self._site.ambiguous:
            self._reading.ambiguous_people.add(text)
            self._reading.ambiguous_ids.update(self._site.ambiguous)
            return AMBIGUOUS
        return found << USER_SHIFT | self._base

    def resolve(self, pending: list[Pending]) -> tuple[list[tuple[int, Target]], list[Waiting]]:
        """Ask the database for those without an exact match: (person, target) of whom it finds, whose marks are added; and the
        places that wait for whom it does not know."""
        texts = {cell: pad(clean(cell), self._who.pad) for cell, _, _ in pending}
        askable = sorted({text for text in texts.values() if holds(_PERSON, text)})
        alike = self._site.alike(askable) if pending else {}
        found: list[tuple[int, Target]] = []
        waiting: list[Waiting] = []
        for cell, target, line in pending:
            text = texts[cell]
            ids = alike.get(text, [])
            if len(ids) > 1:
                self._reading.ambiguous_people.add(text)
                self._reading.ambiguous_ids.update(ids)
            elif ids:
                for marks in target.arrays:
                    marks.append(ids[0] << USER_SHIFT | self._base | line)
                found.append((ids[0], target))
            else:
                self._reading.unknown_people[text] += 1
                if holds(_PERSON, text):  # else no account can ever have it
                    waiting += _waiting(text, line, target)
        known = {person for person in self.known.values() if person > 0}
        self._reading.counts.people = len(set(texts.values())) + len(known)
        return found, waiting


def _waiting(text: str, line: int, target: Target) -> list[Waiting]:
    courses = [
        Waiting(text, line, s.course, s.role, s.group, s.times or (0, 0), alone=s.alone) for s in target.seats
    ]
    cohorts = [Waiting(text, line, 0, 0, "", (0, 0), c.spec.idnumber) for _, c, _ in target.cohorts]
    return courses + cohorts
