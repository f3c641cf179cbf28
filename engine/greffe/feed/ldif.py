"""A file of a directory's entries (LDIF, RFC 2849), read entry by entry.

It holds entries, not changes to them. What ``ldapsearch`` adds around them is understood: its comments, and the record
with which it says whether that was all.
"""

from __future__ import annotations

import binascii
import io
from base64 import b64decode
from collections.abc import Iterator, Sequence
from pathlib import Path

from greffe.errors import FeedError
from greffe.feed.bytestream import Watched
from greffe.feed.entries import Entry, Value
from greffe.rules.text import shown

MOST_CHARACTERS = 1 << 24
"""Of one line, and of the lines of one entry; a photograph has its place, a file without line ends has not."""

Line = tuple[int, str]


class LdifFile:
    """An LDIF file that was opened; see ``greffe.feed.entries.EntrySource``."""

    def __init__(self, name: str, path: str | Path, attributes: Sequence[str]) -> None:
        self._where = f"[feed.{name}] {path}"
        self._wanted = frozenset(attributes)
        self._more = 0  # the line at which the search said that this was not all, unless it went on
        self.origin = Watched(Path(path), "utf-8", self._where, what="LDIF")
        self._text = io.TextIOWrapper(self.origin, encoding="utf-8", newline="\n")  # type: ignore[type-var]
        if not self.origin.head:
            self.close()
            raise FeedError(f"{self._where}: is empty")

    def entries(self) -> Iterator[Entry]:
        """Each with the line of the file at which it begins."""
        try:
            with self.origin.clear_words():
                first = True
                for record in self._records():
                    if first and _name(record[0]) == "version":
                        self._check_version(record.pop(0))
                    first = False
                    if record and (entry := self._entry(record)):
                        yield entry
            if self._more:
                raise self._wrong(
                    self._more,
                    "the search that wrote the file asked for pages, and ended before the last one",
                )
            self.origin.check_unchanged()
        finally:
            self.close()

    def close(self) -> None:
        """Close the file."""
        self._text.close()

    def _records(self) -> Iterator[list[Line]]:
        """Blocks of lines between blank ones: unfolded, without comments."""
        record: list[tuple[int, list[str]]] = []
        size, comment = 0, False
        for number, line in self._lines():
            size += len(line)
            if size > MOST_CHARACTERS:
                raise self._wrong(
                    number, f"an entry, or a line, has more than {MOST_CHARACTERS:,} characters"
                )
            if not line:
                if record:
                    yield _joined(record)
                record, size, comment = [], 0, False
            elif line[0] == " ":
                if comment:
                    continue
                if not record:
                    raise self._wrong(number, "begins with a space, as if it went on with a line before")
                record[-1][1].append(line[1:])
            elif line[0] == "#":
                comment = True
                self._note_page(number, line.removeprefix("# "))
            else:
                comment = False
                record.append((number, [line]))
        if record:
            yield _joined(record)

    def _lines(self) -> Iterator[Line]:
        number = 0
        while line := self._text.readline(MOST_CHARACTERS + 1):
            number += 1
            yield number, line.removesuffix("\n").removesuffix("\r")

    def _check_version(self, line: Line) -> None:
        if (version := line[1].partition(":")[2].strip()) != "1":
            raise self._wrong(line[0], f"is LDIF of version {shown(version)}; 1 is known")

    def _entry(self, record: list[Line]) -> Entry | None:
        number, first = record[0]
        kind = _name(record[0])
        if kind == "search":
            self._check_result(record)
            return None
        if kind == "ref":
            raise self._wrong(number, f"refers to another server, whose entries are missing: {shown(first)}")
        if kind != "dn":
            raise self._wrong(number, f"an entry begins with dn:, not with {shown(first)}")
        values: dict[str, list[Value]] = {}
        for line in record[1:]:
            name = _name(line)
            if name in {"changetype", "control"} and name not in self._wanted:
                raise self._wrong(line[0], "holds changes, not entries; have the directory written whole")
            if name == "dn":
                raise self._wrong(line[0], "an entry has a second dn: is the empty line before it lost?")
            if ":" not in line[1]:
                raise self._wrong(line[0], f"has no attribute before a colon: {shown(line[1])}")
            if name in self._wanted:
                values.setdefault(name, []).append(self._value(line))
        dn = self._value(record[0])
        return Entry(number, dn if isinstance(dn, str) else dn.decode("utf-8", "replace"), values)

    def _value(self, line: Line) -> Value:
        """Text as it stands, base64 as the bytes that it means, which need not be text."""
        number, text = line
        rest = text.partition(":")[2]
        if rest[:1] == "<":
            raise self._wrong(
                number, f"names an address instead of a value, and none is followed: {shown(text)}"
            )
        if rest[:1] != ":":
            return rest.lstrip(" ")
        try:
            return b64decode(rest[1:].strip(" "), validate=True)
        except (binascii.Error, ValueError) as e:
            raise self._wrong(number, f"is no base64 ({e}): {shown(text)}") from e

    def _check_result(self, record: list[Line]) -> None:
        for line in record:
            self._note_page(*line)
            if _name(line) == "result" and not line[1].partition(":")[2].strip().startswith("0 "):
                raise self._wrong(
                    line[0], f"the search that wrote the file was not complete: {shown(line[1])}"
                )

    def _note_page(self, number: int, text: str) -> None:
        """Whether a page of a search was its last (RFC 2696: its cookie is empty); with -LLL a comment says so."""
        if text.startswith("pagedresults: "):
            self._more = number if text.partition("cookie=")[2] else 0

    def _wrong(self, number: int, what: str) -> FeedError:
        return FeedError(f"{self._where}, line {number}: {what}")


def _joined(record: list[tuple[int, list[str]]]) -> list[Line]:
    return [(number, "".join(parts)) for number, parts in record]


def _name(line: Line) -> str:
    return line[1].partition(":")[0].lower()
