"""The file of ``greffe backup``: lines of JSON in gzip, readable without Greffe (``zcat FILE | head -1``).

The first line tells whose it is and which tables follow with how many rows; then each table's rows, one object a line, in the
order of their ids; the last line is the SHA-256 of all lines before it.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from greffe.errors import RefusedError
from greffe.privatefile import private_bytes

FORMAT = 1
_LONGEST_HEAD = 1 << 20
_LONGEST_ROW = 1 << 26
"""Bytes; far more than a row of Greffe's takes, and far less than a small packed file can unpack to."""
_DAMAGED = "Take another backup: this one is damaged, or its copy was cut short."


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """One table of the file."""

    name: str
    """Without prefix."""
    columns: list[str]
    rows: int


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The first line."""

    greffe_backup: int
    """Version of this format."""
    schema: str
    """Of Greffe's tables."""
    site: str
    """Moodle's own identifier of the site; '' where it has none…"""
    place: str = ""
    """…and is known by where its tables were."""
    engine: str
    greffe: str
    """Version of the Greffe that made it."""
    made: int
    """Seconds since 1970, by the database's clock."""
    tables: list[Table]

    @property
    def rows(self) -> int:
        """In all tables."""
        return sum(t.rows for t in self.tables)


class _Foot(msgspec.Struct, frozen=True):
    sha256: str


class Writer:
    """Takes lines, and counts their checksum."""

    def __init__(self, file: gzip.GzipFile) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def add(self, line: bytes) -> None:
        """One line, without its end."""
        self._file.write(line)
        self._file.write(b"\n")
        self._digest.update(line)
        self._digest.update(b"\n")

    def end(self) -> None:
        """The last line."""
        self._file.write(msgspec.json.encode(_Foot(self._digest.hexdigest())) + b"\n")


@contextmanager
def writing(path: Path, head: Head) -> Iterator[Writer]:
    """A backup to write, for its owner's eyes only; it takes its name once it is whole. Raises OSError."""
    # without name and moment in it: the same rows are the same bytes
    with private_bytes(path) as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
        writer = Writer(packed)
        writer.add(msgspec.json.encode(head))
        yield writer
        writer.end()


@contextmanager
def reading(path: Path) -> Iterator[tuple[Head, Iterator[tuple[Table, bytes]]]]:
    """A backup: its first line, and its rows as JSON, each with its table. Whoever goes through all of them knows that
    the file is whole; RefusedError where it is not, OSError where it cannot be read."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        # a restore reads it three times; a pipe would be empty, or waited for, the second time
        raise OSError(errno.EINVAL, "no ordinary file", str(path))
    with gzip.open(path, "rb") as file:
        digest = hashlib.sha256()
        with _readable(path, begins=True):
            line = file.readline(_LONGEST_HEAD)
            digest.update(line)
            head = _head(path, line)

        def rows() -> Iterator[tuple[Table, bytes]]:
            for table in head.tables:
                for _ in range(table.rows):
                    with _readable(path):
                        row = file.readline(_LONGEST_ROW)
                    if not row.endswith(b"\n"):
                        raise _damaged(path, "its rows end too early, or one has no end")
                    digest.update(row)
                    yield table, row[:-1]
            with _readable(path):
                foot, more = file.readline(_LONGEST_HEAD), file.read(1)
            if more or foot != msgspec.json.encode(_Foot(digest.hexdigest())) + b"\n":
                raise _damaged(path, "its rows are not those that were written")

        yield head, rows()


def check(path: Path) -> Head:
    """Go through a whole backup; its first line. Raises RefusedError where it is damaged, OSError."""
    with reading(path) as (head, rows):
        for _ in rows:
            pass
        return head


@contextmanager
def _readable(path: Path, *, begins: bool = False) -> Iterator[None]:
    try:
        yield
    except gzip.BadGzipFile as e:
        if begins:
            raise _foreign(path, "it is not compressed with gzip") from e
        raise _damaged(path, e) from e
    except (EOFError, zlib.error) as e:
        raise _damaged(path, e) from e


def _damaged(path: Path, what: object) -> RefusedError:
    return RefusedError(f"{path} is cut short or damaged: {what}", todo=_DAMAGED)


def _foreign(path: Path, error: object) -> RefusedError:
    return RefusedError(f"{path} is no backup of Greffe's: {error}", todo="Name a file of `greffe backup`.")


def _head(path: Path, line: bytes) -> Head:
    try:
        head = msgspec.json.decode(line, type=Head)
    except (msgspec.DecodeError, msgspec.ValidationError) as e:
        raise _foreign(path, e) from e
    if head.greffe_backup != FORMAT:
        raise RefusedError(
            f"{path} is a backup in format {head.greffe_backup}; this Greffe reads format {FORMAT}",
            todo=f"Install the Greffe that made it ({head.greffe}), or a newer one.",
        )
    return head
