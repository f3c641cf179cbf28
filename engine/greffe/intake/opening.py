"""A file made by people, recognised and ready to be walked."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import copy
from datetime import UTC, datetime, tzinfo
from itertools import islice
from pathlib import Path

from greffe.errors import ArgumentError, BatchfileError
from greffe.intake import encodings, workbook
from greffe.intake.agreement import Agreement
from greffe.intake.cells import RefusedCellError, Row, tidy
from greffe.intake.dialect import Dialect, Headed
from greffe.intake.lines import Doubt, Line, PersonKey, RefusedLine
from greffe.intake.moments import midnight
from greffe.intake.recognise import NAMED, Reading, doubts, readings, separator_of
from greffe.intake.tally import Oddity, Tally
from greffe.intake.textfile import NO_SEPARATOR, Record, Source, TextFile, open_regular
from greffe.intake.wants import Manner, Wants

SAMPLE = 200
"""Rows by which the format and the separator are recognised."""
_FOREIGN = (
    (
        b"\xd0\xcf\x11\xe0",
        "is an old Excel workbook (or one with a password)",
        "Save it as XLSX, or as CSV UTF-8.",
    ),
    (b"%PDF", "is a PDF", "Ask for the table that it was made from."),
    (b"\x1f\x8b", "is packed (gzip)", "Unpack it first."),
)


def open_batchfile(
    path: str | Path,
    *,
    wants: Wants | Collection[Wants],
    format: str = "",  # noqa: A002 - as the option is called
    separator: str = "",
    encoding: str = "",
    person_key: str = "",
    columns: Mapping[str, str] | None = None,
    sheet: str = "",
    zone: tzinfo | None = None,
    now: int | None = None,
) -> OpenedFile:
    """Open and recognise a file; what could be meant in two ways stands in its ``doubts``.

    ``wants``: the kinds of line that the command can use. ``format``: ``1`` to ``11``, or ``native``. ``separator``:
    the character, ``tab`` or ``none``. ``person_key``: a PersonKey. ``columns``: Greffe's word → the file's header.
    ``zone``: of dates without an offset; None for the machine's own. ``now``: seconds since 1970, of periods without
    a start. Each settles what would otherwise be recognised, or asked.

    Raises BatchfileError for a file that nobody could read, ArgumentError for options that are not possible.
    """
    path = Path(path)
    wanted = frozenset({wants} if isinstance(wants, Wants) else wants)
    today = datetime.fromtimestamp(int(time.time()) if now is None else now, UTC).astimezone(zone).date()
    manner = Manner(str(path), midnight(today, zone), zone, _person_key(person_key), columns or {})
    mark = separator_of(separator)
    with open_regular(path) as raw:
        seen = os.fstat(raw.fileno())
        head = raw.read(8)
        raw.seek(0)
        for begins, what, todo in _FOREIGN:
            if head.startswith(begins):
                raise BatchfileError(f"{path}: {what}", todo=todo)
        if head.startswith(b"PK\x03\x04"):
            return _workbook(path, seen, sheet, wanted, format, manner)
        written = encodings.settle(path, raw, encoding)
    if sheet:
        raise ArgumentError(f"{path}: is a text file and has no sheets; leave out --sheet")

    def text(separator: str, encoding: str = written.name) -> TextFile:
        return TextFile(path, encoding, separator, seen)

    found = readings(lambda m: _sample(text(m)), mark, format, wanted, manner)
    asked = doubts(found) or list(found[0].dialect.doubts)
    reading = found[0]
    if not asked and not written.certain:
        rows = _lines_of(text(reading.separator, "latin-1"), reading.dialect)
        again = encodings.doubtful(rows, reading.dialect.matching(), written.name)
        asked = [again] if again else []
    notes = (
        []
        if written.certain or written.name == "utf-8"
        else [f"not UTF-8: read as {encodings.NAMES[written.name]}, the likelier one"]
    )
    told = f"{_format(reading.dialect)}, {NAMED[reading.separator]}, {encodings.NAMES[written.name]}"
    return OpenedFile(path, reading, text(reading.separator), told, asked, notes)


def _workbook(
    path: Path, seen: os.stat_result, sheet: str, wants: frozenset[Wants], code: str, manner: Manner
) -> OpenedFile:
    found, asked = workbook.find(path, seen, sheet)
    rows = _sample(found)
    choices = readings(lambda _: rows, NO_SEPARATOR, code, wants, manner)
    asked += doubts(choices) or choices[0].dialect.doubts
    told = f"{_format(choices[0].dialect)}, {found.kind}, sheet {found.name!r}"
    return OpenedFile(path, choices[0], found, told, asked, [])


def _person_key(text: str) -> PersonKey | None:
    try:
        return PersonKey(text) if text else None
    except ValueError as e:
        raise ArgumentError(f"--person-key takes {', '.join(k.value for k in PersonKey)}") from e


def _format(dialect: Dialect) -> str:
    known = f"format {dialect.code}" if dialect.code != "native" else "Greffe's own format"
    return f"read as {known} ({dialect.title})"


def _sample(source: Source) -> list[Sequence[str]]:
    rows = (r.cells for r in source.records() if any(tidy(c) for c in r.cells))
    return list(islice(rows, SAMPLE))


def _lines_of(source: Source, dialect: Dialect) -> Iterator[Record]:
    """The rows but for blank ones and the header."""
    filled = (record for record in source.records() if any(tidy(c) for c in record.cells))
    return islice(filled, 1 if dialect.first else 0, None)


def _header_again(cells: Sequence[str], names: tuple[str, ...]) -> bool:
    return tuple(map(tidy, cells[: len(names)])) == names


class OpenedFile:
    """See ``greffe.intake.lines.Batchfile``."""

    def __init__(
        self,
        path: Path,
        reading: Reading,
        rows: Source,
        told: str,
        asked: Sequence[Doubt],
        notes: Sequence[str],
    ) -> None:
        self.source = str(path)
        self.told = told
        self.doubts = tuple(asked)
        self.format = reading.dialect.code
        self.separator = "" if reading.separator == NO_SEPARATOR else reading.separator
        """Between cells; '' for a workbook, and for lines that are one cell."""
        self.is_workbook = isinstance(rows, workbook.Sheet)
        self.by_name = isinstance(reading.dialect, Headed) and self.format != "3"
        """Whether columns are found by their names, so that one more changes nothing."""
        self._dialect = reading.dialect
        self._rows = rows
        self._notes = (*notes, *reading.dialect.notes)
        self._tally = Tally()
        self._agreement: Agreement | None = None

    @property
    def header(self) -> tuple[str, ...]:
        """Column names; () where the format has none."""
        return self._dialect.names

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader found odd though not wrong; complete once the lines were walked."""
        return (*self._notes, *self._tally.notes())

    def rows(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """(line, cells as delivered), blank rows and the header left out."""
        for record in _lines_of(self._rows, self._dialect):
            yield record.line, tuple(record.cells)

    def lines(self) -> Iterator[Line | RefusedLine]:
        """What the file says, in its order; lines that contradict each other are refused, both.

        A line that says the same as an earlier one is given, too, and noted. Raises ArgumentError while there are
        doubts, BatchfileError for a file that changed since it was opened.
        """
        if self.doubts:
            asked = "; ".join(f"{d.question} ({d.option} {' or '.join(d.choices)})" for d in self.doubts)
            raise ArgumentError(f"{self.source}: {asked}", todo="Say which, by the option.")
        if self._agreement is None:
            self._agreement = Agreement(lambda: (line for line, _ in self._said(Tally())), self.format)
        agreement, tally = self._agreement, Tally()
        self._tally = tally
        for line, row in self._said(tally):
            if isinstance(line, RefusedLine):
                yield line
            elif other := agreement.against(line):
                what = f"line {other}" if other != line.line else "itself"
                yield row.refused(-1, f"contradicts {what}")
            else:
                if first := agreement.same(line):
                    tally.add(Oddity.DUPLICATE, line.line, f"as line {first}")
                yield line

    def _said(self, tally: Tally) -> Iterator[tuple[Line | RefusedLine, Row]]:
        dialect = copy(self._dialect)
        names = dialect.names
        width = len(names)
        for record in _lines_of(self._rows, dialect):
            row = Row(record.line, record.cells, names, tally)
            if record.problem:
                yield row.refused(-1, record.problem), row
            elif width and tidy(record.cells[0]) == names[0] and _header_again(record.cells, names):
                tally.add(Oddity.HEADER_AGAIN, record.line)
            elif why := dialect.wrong_width(record.cells):
                yield row.refused(-1, why), row
            else:
                try:
                    for line in dialect.read(row):
                        yield line, row
                except RefusedCellError as e:
                    yield row.refused(e.index, e.why), row
