"""Files of lines on a test campus, as a reader gives them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from greffe.commands._file.batch import Asked, Batched
from greffe.commands.methods_file import methods_file
from greffe.intake.lines import Doing, Doubt, Line, MethodLine, RefusedLine
from tests.integration.following import Campus

ADD, REMOVE, UPDATE = Doing.ADD, Doing.REMOVE, Doing.UPDATE


@dataclass(frozen=True)
class File:
    """What a reader makes of a file."""

    given: tuple[Line | RefusedLine, ...]
    source: str = "methods.csv"
    told: str = "read as lines of a test"
    header: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    notes: tuple[str, ...] = ()

    def lines(self) -> Iterator[Line | RefusedLine]:
        return iter(self.given)

    def rows(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        return ((one.line, (str(one),)) for one in self.given)


def line(doing: Doing, course: str, source: str, method: str = "cohort", **more: Any) -> MethodLine:
    """One line about a method; the file gives it its number."""
    return MethodLine(0, doing, method, course, source, **more)


def numbered(lines: tuple[MethodLine | RefusedLine, ...]) -> File:
    from dataclasses import replace

    return File(tuple(replace(one, line=n) for n, one in enumerate(lines, 2)))


def do(campus: Campus, *lines: MethodLine | RefusedLine, with_grades: bool = False, **asked: Any) -> Batched:
    """`greffe methods FILE` with these lines."""
    return methods_file(campus.nights.config(), numbered(lines), Asked(**asked), with_grades=with_grades)


def fates(found: Batched) -> list[str]:
    """What became of each line."""
    return [one.fate.value for one in found.lines.told()]


def whys(found: Batched) -> list[str]:
    """Why lines were refused."""
    return [one.why for one in found.lines.told() if one.why]
