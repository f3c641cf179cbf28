"""Entries of a directory as a table: one row for each registration, columns as the configuration names them.

The same for a directory that is asked (``directory.py``) and for a file of it (``ldif.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

from greffe.config.directory import Columns, Source
from greffe.errors import FeedError
from greffe.feed.header import trimmed
from greffe.feed.supann import MalformedError, fields, labelled
from greffe.model import MAX_LINE, Refused
from greffe.rules.text import shown

REMEMBERED = 100_000
"""Values whose cells are remembered: the students of a year share theirs."""
MOST_REFUSED = 10_000
"""Beyond this many refused lines it is not the lines that are wrong, and they are no longer kept."""

Value = bytes | str


class Entry(NamedTuple):
    """One entry: its place in the source, its name, and its values by attribute in small letters."""

    line: int
    dn: str
    values: Mapping[str, Sequence[Value]]


class Origin(Protocol):
    """When the source was written or asked, and whether it was whole; as ``greffe.model.Table`` has them."""

    delivered: int
    final_newline: bool


class EntrySource(Protocol):
    """Where entries come from."""

    @property
    def origin(self) -> Origin:
        """What is known of the source itself."""

    def entries(self) -> Iterator[Entry]:
        """All of them, once; lets go of the source at the end. Raises FeedError where they are not all there."""

    def close(self) -> None:
        """Let go of the source; twice does no harm."""


class Entries:
    """Entries that can be read, as rows; see ``greffe.model.Table``."""

    def __init__(
        self, name: str, source: str, columns: Columns, open_source: Callable[[Sequence[str]], EntrySource]
    ) -> None:
        """``open_source`` is given the attributes that are wanted."""
        self.name, self.source = name, source
        self.notes: list[str] = []
        self.refused: list[Refused] = []
        self._refusals = 0
        self._where = f"[feed.{name}] {source}"
        self.columns = trimmed(columns.sources, self._where)
        self._sources = list(columns.sources.values())
        self._each, self._each_key = columns.each, columns.each.lower()
        self._plain = [(n, s) for n, s in enumerate(self._sources) if s.name != self._each_key]
        self._repeated = [(n, s) for n, s in enumerate(self._sources) if s.name == self._each_key]
        self._cells = lru_cache(REMEMBERED)(self._cells_of)
        wanted = dict.fromkeys([*(s.name for s in self._sources), *filter(None, [self._each_key])])
        self._from = open_source(list(wanted))

    @property
    def delivered(self) -> int:
        """Seconds since 1970: when the file was written, or the directory was asked."""
        return self._from.origin.delivered

    @property
    def final_newline(self) -> bool:
        """Whether the last line of a file was ended."""
        return self._from.origin.final_newline

    def rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        """(the entry's number, or in a file its line, cells): as many rows of an entry as it has values of the attribute
        that drives."""
        try:
            for entry in self._from.entries():
                if entry.line > MAX_LINE:
                    raise FeedError(f"{self._where}: has more than {MAX_LINE} entries or lines")
                yield from self._rows_of(entry)
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the source; more than once does no harm."""
        self._from.close()

    def _rows_of(self, entry: Entry) -> Iterator[tuple[int, Sequence[str]]]:
        repeated = entry.values.get(self._each_key, ()) if self._each else (None,)
        if not repeated:
            return
        cells = [""] * len(self._sources)
        several: list[tuple[int, list[str]]] = []
        unread: list[str] = []
        wrong = ""
        for n, source in self._plain:
            try:
                texts = [_text(value, source.attribute) for value in entry.values.get(source.name, ())]
            except MalformedError as e:
                wrong = wrong or str(e)
                unread.append(self.columns[n])
                continue
            if len(texts) > 1:  # directories keep them in no order
                wrong = wrong or f"{source.attribute}: has {len(texts)} values"
                several.append((n, texts))
            cells[n] = texts[0] if texts else ""
        if wrong:
            self._refuse(entry, _each(cells, several), wrong, unread)
            return
        for value in repeated:
            if value is None:
                yield entry.line, cells
                continue
            try:
                found = self._cells(value)
            except MalformedError as e:
                self._refuse(entry, [cells], str(e), [self.columns[n] for n, _ in self._repeated])
                continue
            row = cells.copy()
            for (n, _), cell in zip(self._repeated, found, strict=True):
                row[n] = cell
            yield entry.line, row

    def _cells_of(self, value: Value) -> list[str]:
        text = _text(value, self._each)
        try:
            parts = fields(text) if any(s.key for _, s in self._repeated) else {}
            return [_part(text, parts, source) for _, source in self._repeated]
        except MalformedError as e:
            raise MalformedError(f"{self._each}: {shown(text)} {e}") from e

    def _refuse(self, entry: Entry, ways: Iterable[Sequence[str]], why: str, unread: Sequence[str]) -> None:
        """``ways``: what the cells may be, of which each may name somebody."""
        for cells in ways:
            known = {name: cell for name, cell in zip(self.columns, cells, strict=True) if cell}
            self.refused.append(Refused(entry.line, known, f"{shown(entry.dn)}, {why}", tuple(unread)))
        self._refusals += 1
        if self._refusals > MOST_REFUSED:
            first = self.refused[0]
            raise FeedError(
                f"{self._where}: more than {MOST_REFUSED:,} lines cannot be taken; the first is {first.line}: {first.why}",
                todo="Correct columns and each of this feed, or have the directory corrected.",
            )


def _part(text: str, parts: Mapping[str, str], source: Source) -> str:
    if not source.key:
        return text
    try:
        found = labelled(parts.get(source.key, ""))
    except MalformedError as e:
        raise MalformedError(f"in its field {source.key} {e}") from e
    return found.label if source.label else found.text


def _each(cells: Sequence[str], several: Sequence[tuple[int, list[str]]]) -> Iterator[list[str]]:
    """The cells of an entry once for each of the values that some have: any of them may name who is meant."""
    for number in range(max((len(texts) for _, texts in several), default=1)):
        row = list(cells)
        for n, texts in several:
            row[n] = texts[min(number, len(texts) - 1)]
        yield row


def _text(value: Value, attribute: str) -> str:
    if isinstance(value, str):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise MalformedError(f"{attribute}: {shown(repr(value))} is no text") from None
