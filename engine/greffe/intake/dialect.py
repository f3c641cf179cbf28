"""What every dialect has: a name, a kind of lines, a header or none, and a way to read one row."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar

from greffe.errors import BatchfileError
from greffe.intake.cells import RefusedCellError, Row, tidy
from greffe.intake.headers import Header, listed, passed_over, person_column
from greffe.intake.lines import Doing, Doubt, Line, PersonKey, RefusedLine
from greffe.intake.wants import Manner, Wants

DOINGS = {
    **dict.fromkeys(("add", "ajout", "ajouter", "inscrire"), Doing.ADD),
    **dict.fromkeys(
        ("del", "delete", "remove", "retirer", "supprimer", "desinscrire", "désinscrire"), Doing.REMOVE
    ),
    **dict.fromkeys(("upd", "update", "mod", "modify", "modifier"), Doing.UPDATE),
}


class Dialect(ABC):
    """One format, bound to the columns of one file. What it remembers from row to row belongs to one walk: walk a copy."""

    code: ClassVar[str]
    """As ``--format`` takes it: the number in the documentation, or ``native``."""
    title: ClassVar[str]
    kinds: ClassVar[frozenset[Wants]]
    """Whose commands can use it."""
    doings: ClassVar[frozenset[Doing]] = frozenset({Doing.ADD, Doing.REMOVE})

    def __init__(self, manner: Manner, names: tuple[str, ...] = ()) -> None:
        self.manner = manner
        self.names = names
        """The header as delivered; () where the format has none."""
        self.first = bool(names)
        """Whether the first row is no line of its own."""
        self.doubts: list[Doubt] = []
        self.notes: list[str] = []

    @abstractmethod
    def matching(self) -> frozenset[int] | None:
        """Columns whose texts are looked up, so that no letter of them may be guessed; None: all."""

    @abstractmethod
    def read(self, row: Row) -> Iterator[Line | RefusedLine]:
        """What one row says; may raise RefusedCellError."""

    def wrong_width(self, cells: Sequence[str]) -> str:
        """Why the row cannot have been meant, by its number of cells alone; '' where it can."""
        if len(cells) < len(self.names):
            return f"has {_cells(len(cells))}, the header {len(self.names)}"
        if any(tidy(c) for c in cells[len(self.names) :]):
            return f"has {_cells(len(cells))}, the header {len(self.names)}: is a separator too many in it?"
        return ""

    def doing(self, row: Row, index: int, otherwise: Doing | None = None) -> Doing:
        """What is asked; ``otherwise`` for an empty cell."""
        text = row.text(index).casefold()
        if not text and otherwise:
            return otherwise
        doing = DOINGS.get(text)
        if doing not in self.doings:
            raise RefusedCellError(
                index, "is not something to do: " + ", ".join(sorted(d.value for d in self.doings))
            )
        return doing

    def attempt(self, row: Row, parts: Iterator[Line]) -> Iterator[Line | RefusedLine]:
        """One of several things that a row says: refused alone."""
        try:
            yield from parts
        except RefusedCellError as e:
            yield row.refused(e.index, e.why)


class Headed(Dialect):
    """A dialect whose columns are found by their names."""

    def __init__(self, header: Header, manner: Manner) -> None:
        super().__init__(manner, header.names)
        self.header = header
        if header.twice:
            raise BatchfileError(f"{manner.where}: the header names {listed(header.twice)} more than once")

    @classmethod
    @abstractmethod
    def fits(cls, header: Header) -> bool:
        """Whether these columns are this dialect's."""

    def person(self) -> tuple[int, PersonKey]:
        """Where people stand and what they are matched by; where that is to be asked, the doubt is kept."""
        found = person_column(self.header, self.manner)
        if isinstance(found, Doubt):
            self.doubts.append(found)
            return self.header.people[0][0], PersonKey.ANY
        return found

    def mention_unread(self, used: Sequence[int], known: Sequence[str]) -> None:
        """Columns that say nothing are told of, since a misspelt one would be among them."""
        if sentence := passed_over(self.header, [i for i in used if i >= 0], known):
            self.notes.append(sentence)


class Places(dict[str, int]):
    """Word → position of its column; -1 for one that is not there."""

    def __missing__(self, _word: str) -> int:
        return -1


def numbered(header: Header, pattern: re.Pattern[str]) -> list[Places]:
    """Columns that belong together by their number; the pattern's groups are ``word`` and ``number``."""
    parts: dict[int, Places] = {}
    for name, i in header.exact.items():
        if found := pattern.fullmatch(name):
            parts.setdefault(int(found["number"]), Places())[found["word"] or ""] = i
    return list(parts.values())


class Bare(Dialect):
    """A dialect without a header: columns are found by their place."""

    least: ClassVar[int]
    most: ClassVar[int]

    def wrong_width(self, cells: Sequence[str]) -> str:
        """Too few cells, or a text beyond the last one."""
        size = len(cells)
        while size and not tidy(cells[size - 1]):
            size -= 1
        # cells that are empty at the end may be meant, so that only what is beyond the last column counts
        if len(cells) < self.least or size > self.most:
            wanted = str(self.least) if self.least == self.most else f"{self.least} to {self.most}"
            return f"has {_cells(size)} instead of {wanted}"
        return ""

    def matching(self) -> frozenset[int] | None:
        """All columns."""
        return None


def _cells(number: int) -> str:
    return f"{number} cell" if number == 1 else f"{number} cells"
