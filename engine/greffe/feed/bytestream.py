"""The bytes of a CSV or LDIF file, watched on their way to the decoder.

A file is read once, from front to back, in blocks of constant size, so that its size does not matter. On the way the
reader notices what the layers above cannot see: NUL bytes, the position of an undecodable byte, whether the last
line was ended, and whether somebody was still writing.
"""

from __future__ import annotations

import codecs
import gzip
import io
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from greffe.errors import FeedError

BLOCK = 1 << 18
"""Bytes that are read, searched and decoded at a time."""

BROKEN = (OSError, EOFError, zlib.error)
"""What reading raises on a lost disk, a truncated or damaged gzip stream."""

_FOREIGN = (
    (b"\xff\xfe", "is UTF-16"),
    (b"\xfe\xff", "is UTF-16"),
    (b"PK\x03\x04", "is a spreadsheet or a ZIP archive, not a {what} file"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel workbook, not a {what} file"),
    (b"%PDF", "is a PDF, not a {what} file"),
)


class NulByteError(Exception):
    """A NUL byte; ``index`` is its place in the current block."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


class Watched(io.BufferedIOBase):
    """A file's plain bytes (unpacked if it is gzip, by its content), after its byte order mark.

    Raises FeedError when there is no such file, when it is no text, or when its byte order mark contradicts
    ``encoding``; ``where`` names the file in errors, ``what`` is the kind of file that is meant.
    """

    def __init__(self, path: Path, encoding: str, where: str, *, what: str = "CSV") -> None:
        self._where, self._kind = where, what
        self._file = _open(path, where)
        self._opened = os.fstat(self._file.fileno())
        self.delivered = int(self._opened.st_mtime)
        """Seconds since 1970: when the file was last written."""
        self.final_newline = True
        """After the end was reached: whether the last line was ended."""
        self._block = b""
        try:
            self._unpacked = _unpacked(self._file)
            self.head = self._unpacked.read(BLOCK)
            """The first bytes as they are in the file, for whoever wants to judge them."""
            self.encoding, mark = _settle(self.head, encoding, where, what)
        except BROKEN as e:
            self._file.close()
            raise self.broken(e) from e
        except FeedError:
            self._file.close()
            raise
        self._before = mark  # bytes of the file before the current block
        self._waiting: bytes | None = self.head[mark:]

    def readable(self) -> bool:
        """Always: part of the protocol of a stream."""
        return True

    def read1(self, _size: int = -1, /) -> bytes:
        """The next block, empty at the end; of one size whatever is asked for, since the decoder asks for little."""
        self._before += len(self._block)
        block, self._waiting = (self._unpacked.read(BLOCK) if self._waiting is None else self._waiting), None
        if block:
            self.final_newline = block[-1] in b"\r\n"
        self._block = block
        nul = block.find(b"\0")
        if nul >= 0:
            raise NulByteError(nul)
        return block

    def locate(self, index: int) -> tuple[int, int]:
        """(line, byte within the line), both from 1, of a byte of the current block.

        The index is negative where a character began in the block before. Lines are only counted here, by reading
        the file once more, since nearly every file is read without ever asking.
        """
        target = self._before + index
        begins = 0
        try:
            self._file.seek(0)
            # Latin-1: one character for one byte, so that lengths are those of the file
            with io.TextIOWrapper(_unpacked(self._file), "latin-1", newline="") as lines:
                for number, line in enumerate(lines, 1):
                    if begins + len(line) > target:
                        return number, target - begins + 1
                    begins += len(line)
        except BROKEN as e:
            raise self.broken(e) from e
        raise self._changed()

    def undecodable(self, error: UnicodeDecodeError) -> tuple[int, int, int]:
        """(line, byte within the line, the byte itself) of what could not be decoded."""
        carried = len(error.object) - len(self._block)  # the decoder keeps the start of a cut character
        return *self.locate(error.start - carried), error.object[error.start]

    @contextmanager
    def clear_words(self) -> Iterator[None]:
        """Turn what reading raises into FeedErrors that name the place."""
        try:
            yield
        except UnicodeDecodeError as e:
            at, column, byte = self.undecodable(e)
            raise FeedError(
                f"{self._where}, line {at}, byte {column}: 0x{byte:02X} is not valid {self.encoding}",
                todo=_other_encoding(self.encoding, self._kind),
            ) from e
        except NulByteError as e:
            at, column = self.locate(e.index)
            raise FeedError(f"{self._where}, line {at}, byte {column}: a NUL byte; this is no text") from e
        except BROKEN as e:
            raise self.broken(e) from e

    def check_unchanged(self) -> None:
        """Raise FeedError if the file grew or was written to while it was read."""
        now = os.fstat(self._file.fileno())
        if (now.st_size, now.st_mtime_ns) != (self._opened.st_size, self._opened.st_mtime_ns):
            raise self._changed()

    def _changed(self) -> FeedError:
        return FeedError(
            f"{self._where}: was written to while it was read",
            todo="Deliver extracts under another name and rename them when they are complete.",
        )

    def broken(self, error: Exception) -> FeedError:
        """The error of the disk or of the packed stream in clear words."""
        if isinstance(error, EOFError):
            return FeedError(f"{self._where}: the gzip stream ends too early: the file was cut short")
        if isinstance(error, (gzip.BadGzipFile, zlib.error)):
            return FeedError(f"{self._where}: the gzip stream is damaged: {error}")
        return FeedError(
            f"{self._where}: cannot be read: {error.strerror if isinstance(error, OSError) else error}"
        )

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


def _unpacked(file: io.BufferedReader) -> io.BufferedReader | gzip.GzipFile:
    return gzip.GzipFile(fileobj=file) if file.peek(2)[:2] == b"\x1f\x8b" else file


def _open(path: Path, where: str) -> io.BufferedReader:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for its writer
            raise FeedError(f"{where}: is not a regular file")
        return path.open("rb")
    except FileNotFoundError as e:
        raise FeedError(f"{where}: no such file") from e
    except (OSError, ValueError) as e:
        raise FeedError(f"{where}: cannot be read: {getattr(e, 'strerror', None) or e}") from e


def _other_encoding(encoding: str, kind: str) -> str:
    if kind == "LDIF":
        return "LDIF is UTF-8, and base64 where a value is not: have it written again."
    if encoding == "utf-8":
        return 'If the extract is in Windows-1252, set encoding = "cp1252"; else have it delivered again.'
    return "Set the encoding that the extract is written in, or have it delivered again."


def _settle(head: bytes, encoding: str, where: str, kind: str) -> tuple[str, int]:
    """(the encoding to decode with, length of the byte order mark)."""
    for mark, what in _FOREIGN:
        if head.startswith(mark):
            raise FeedError(
                f"{where}: {what.format(what=kind)} (it begins with {mark.hex(' ').upper()})",
                todo=f"Have it exported as {kind}, in UTF-8{' or Windows-1252' if kind == 'CSV' else ''}.",
            )
    if codecs.lookup(encoding).name in {"utf-8", "utf-8-sig"}:
        return "utf-8", len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    if head.startswith(codecs.BOM_UTF8):
        raise FeedError(
            f"{where}: begins with the byte order mark of UTF-8, although encoding is {encoding!r}",
            todo='Set encoding = "utf-8" for this feed.',
        )
    return encoding, 0
