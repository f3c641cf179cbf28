"""A CSV extract as a table: fast while all is well, exact about the place where it is not.

Rows go through in chunks. A chunk whose rows all have the header's width, and which took one line per row, is handed
on as it is; only the others are walked row by row. So a row costs hardly more than the csv module itself.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain, count, islice
from pathlib import Path

from greffe.errors import ConfigError, FeedError
from greffe.feed.bytestream import BROKEN, NulByteError, Watched
from greffe.feed.header import trimmed
from greffe.model import MAX_LINE, Refused

CHUNK = 512
"""Rows that are looked at together."""

Record = list[str]


class CsvFile:
    """A CSV file that was opened and whose header was read; see ``greffe.model.Table``."""

    refused: Sequence[Refused] = ()

    def __init__(self, name: str, path: str | Path, *, encoding: str = "utf-8", separator: str = ";") -> None:
        self.name = name
        self.source = str(path)
        self.notes: list[str] = []
        self._where = f"[feed.{name}] {path}"
        _check_encoding(encoding, self._where)
        self._bytes = Watched(Path(path), encoding, self._where)
        self._text = io.TextIOWrapper(self._bytes, encoding=self._bytes.encoding, newline="")  # type: ignore[type-var]
        self._reader = csv.reader(self._text, delimiter=separator, strict=True)
        try:
            self.columns = self._header()
        except BaseException:
            self.close()
            raise
        self._note_mojibake()

    @property
    def delivered(self) -> int:
        """Seconds since 1970: when the file was last written."""
        return self._bytes.delivered

    @property
    def final_newline(self) -> bool:
        """Whether the last line was ended; true until the end was reached."""
        return self._bytes.final_newline

    def rows(self) -> Iterator[tuple[int, Record]]:
        """(line, cells), the line being the one where the record begins; closes the file at the end."""
        return chain.from_iterable(self._numbered())

    def close(self) -> None:
        """Close the file; more than once does no harm."""
        self._text.close()

    def _header(self) -> tuple[str, ...]:
        with self._clear_words():
            record = next(self._reader, None)
        if record is None:
            raise FeedError(f"{self._where}: is empty; not even a header")
        return trimmed(record, f"{self._where}, line 1")

    def _numbered(self) -> Iterator[Iterator[tuple[int, Record]]]:
        reader, width = self._reader, len(self.columns)
        only = {width}
        line = reader.line_num + 1
        try:
            while True:
                chunk: list[Record] = []
                with self._clear_words(chunk, line):
                    chunk.extend(islice(reader, CHUNK))
                if not chunk:
                    break
                if reader.line_num > MAX_LINE:
                    raise FeedError(f"{self._where}: has more than {MAX_LINE} lines")
                if reader.line_num + 1 - line == len(chunk) and set(map(len, chunk)) == only:
                    yield zip(count(line), chunk)
                else:
                    yield iter(self._walked(chunk, line))
                line = reader.line_num + 1
            self._bytes.check_unchanged()
        finally:
            self.close()

    def _walked(self, chunk: list[Record], line: int) -> list[tuple[int, Record]]:
        """The slow way: blank lines left out, lines counted through quoted line ends, widths checked."""
        rows = []
        for record in chunk:
            if record:
                if len(record) != len(self.columns):
                    raise self._wrong_width(record, line, last=record is chunk[-1])
                rows.append((line, record))
            line += _lines(record)
        return rows

    def _wrong_width(self, record: Record, line: int, *, last: bool) -> FeedError:
        try:
            last = last and next(self._reader, None) is None and not self._bytes.final_newline
        except (*BROKEN, csv.Error, UnicodeDecodeError, NulByteError):
            last = False
        what = f"{_cells(len(record))} instead of {len(self.columns)}"
        if last:
            return FeedError(f"{self._where}, line {line}: the file was cut short: its last line has {what}")
        return FeedError(f"{self._where}, line {line}: {what}; it begins with {_short(record)}")

    @contextmanager
    def _clear_words(self, chunk: list[Record] | None = None, line: int = 1) -> Iterator[None]:
        """Turn what reading raises into FeedErrors that name the place.

        ``chunk`` holds the records that were read since ``line``; a broken one begins after them.
        """
        try:
            with self._bytes.clear_words():
                yield
        except csv.Error as e:
            begins = line + sum(map(_lines, chunk or ()))
            if "unexpected end of data" in str(e):
                what = "a quote is opened and never closed (the file may have been cut short)"
            elif "field larger than field limit" in str(e):
                what = f"a cell is longer than {csv.field_size_limit()} characters: is a quote never closed?"
            else:
                what = f"is not valid CSV: {e}"
            ends = self._reader.line_num
            through = f" to {ends}" if ends > begins else ""
            raise FeedError(f"{self._where}, line {begins}{through}: {what}") from e

    def _note_mojibake(self) -> None:
        """A file in UTF-8 read as Windows-1252 decodes without an error, and all accents are wrong."""
        if self._bytes.encoding == "utf-8":
            return
        with suppress(UnicodeDecodeError):
            if not codecs.getincrementaldecoder("utf-8")().decode(self._bytes.head).isascii():
                self.notes.append(
                    f"the text looks like UTF-8, although encoding is {self._bytes.encoding!r}: accents may be wrong"
                )


def _check_encoding(encoding: str, where: str) -> None:
    """Separators, quotes and line ends must be the bytes they are in ASCII, or lines could not be counted."""
    ascii_bytes = bytes(range(128))
    try:
        plain = ascii_bytes.decode(encoding) == ascii_bytes.decode("ascii")
    except (LookupError, UnicodeError):
        plain = False
    if not plain:
        raise ConfigError(
            f"{where}: encoding {encoding!r} is not possible",
            todo='Have the extract written in UTF-8 or Windows-1252 (encoding = "cp1252").',
        )


def _lines(record: Record) -> int:
    text = "\0".join(record)
    return 1 + text.count("\n") + text.count("\r") - text.count("\r\n")


def _cells(number: int) -> str:
    return f"{number} cell" if number == 1 else f"{number} cells"


def _short(record: Record) -> str:
    text = record[0]
    return repr(text if len(text) <= 40 else text[:39] + "…")
