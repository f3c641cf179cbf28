"""A file of lines and separators as rows, in constant memory; what its quotes make unreadable is one bad row, no more."""

from __future__ import annotations

import csv
import io
import os
import re
import stat
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from greffe.errors import BatchfileError

LONGEST_LINE = 1 << 17
"""Characters of a line; what is longer is no list of people."""
JOINED = 50
"""Lines that one record may fill: a quote that is not closed by then was never meant to be opened."""
_EXCELS_OWN = re.compile(r"sep=.", re.IGNORECASE)
"""A first line by which a sheet tells Excel its separator."""
NO_SEPARATOR = "\x1f"
"""Stands for no separator at all: each line is one cell."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row as it was delivered."""

    line: int
    """Where it begins."""
    cells: list[str]
    problem: str = ""
    """Why its cells cannot be told apart; then ``cells`` is the line as a whole."""


class Source(Protocol):
    """Where the rows come from."""

    def records(self) -> Iterator[Record]:
        """All of them from the first; may be walked more than once."""


class TextFile:
    """A text file, opened anew at each walk; raises BatchfileError for one that changed meanwhile."""

    def __init__(self, path: Path, encoding: str, separator: str, seen: os.stat_result) -> None:
        self._path = path
        self._encoding = encoding
        self._separator = separator
        self._seen = seen

    def records(self) -> Iterator[Record]:
        """All rows, blank ones included."""
        with open_regular(self._path) as raw, io.TextIOWrapper(raw, encoding=self._encoding) as text:
            check_unchanged(self._path, self._seen, os.fstat(raw.fileno()))
            yield from records(self._lines(text), self._separator)

    def _lines(self, text: IO[str]) -> Iterator[tuple[int, str]]:
        number = 0
        try:
            while line := text.readline(LONGEST_LINE):
                number += 1
                if len(line) == LONGEST_LINE:
                    raise BatchfileError(
                        f"{self._path}, line {number}: is longer than {LONGEST_LINE:,} characters; this is no list of people"
                    )
                text_of_line = line.removesuffix("\n")
                if number == 1 and _EXCELS_OWN.fullmatch(text_of_line):
                    continue  # a word of Excel's to itself, not of the list
                yield number, text_of_line
        except UnicodeError as e:
            raise BatchfileError(f"{self._path}, after line {number}: is not valid {self._encoding}") from e


@contextmanager
def open_regular(path: Path) -> Iterator[IO[bytes]]:
    """The file's bytes; raises BatchfileError when there is no such file, or when its disk fails while it is read."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for its writer
            raise BatchfileError(f"{path}: is not a regular file", todo="Name a file.")
        raw = path.open("rb")
    except FileNotFoundError as e:
        raise BatchfileError(f"{path}: no such file", todo="Look at the spelling of its path.") from e
    except (OSError, ValueError) as e:
        raise BatchfileError(f"{path}: cannot be read: {getattr(e, 'strerror', None) or e}") from e
    with raw:
        try:
            yield raw
        except OSError as e:
            raise BatchfileError(f"{path}: cannot be read: {e.strerror or e}") from e


def check_unchanged(path: Path, before: os.stat_result, now: os.stat_result) -> None:
    """Raise BatchfileError if the file is not the one that was judged."""
    if (before.st_size, before.st_mtime_ns, before.st_ino) != (now.st_size, now.st_mtime_ns, now.st_ino):
        raise BatchfileError(
            f"{path}: was changed while it was read", todo="Save it, then run the same command again."
        )


def records(lines: Iterator[tuple[int, str]], separator: str) -> Iterator[Record]:
    """Lines as records. Nearly all have no quote, and are only split."""
    waiting: deque[tuple[int, str]] = deque()

    def following() -> tuple[int, str] | None:
        return waiting.popleft() if waiting else next(lines, None)

    while (current := following()) is not None:
        number, line = current
        if '"' not in line:
            yield Record(number, line.split(separator))
            continue
        taken = [current]
        try:
            cells = next(
                csv.reader(_taking(taken, following), delimiter=separator, strict=True, skipinitialspace=True)
            )
        except (csv.Error, StopIteration):
            # only the first of these lines is bad; the others may be whole
            waiting.extendleft(reversed(taken[1:]))
            yield Record(number, [line], "its quotes cannot be paired: write a quote inside quotes twice")
        else:
            yield Record(number, cells)


def _taking(taken: list[tuple[int, str]], following: _Following) -> Iterator[str]:
    """The first line, then more as long as the reader's quote is open."""
    yield taken[0][1] + "\n"
    while len(taken) < JOINED and (more := following()) is not None:
        taken.append(more)
        yield more[1] + "\n"


class _Following(Protocol):
    def __call__(self) -> tuple[int, str] | None: ...
