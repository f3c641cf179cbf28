"""Files that name people: readable by their owner only, and there as a whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def private_file(path: Path, encoding: str = "utf-8", newline: str | None = None) -> Iterator[IO[str]]:
    """A text file to write; it takes its name, and an older file's place, once it is complete. Raises OSError."""
    with (
        _part(path, 0o600) as descriptor,
        os.fdopen(descriptor, "w", encoding=encoding, newline=newline) as file,
    ):
        yield file


@contextmanager
def private_bytes(path: Path) -> Iterator[IO[bytes]]:
    """The same for what is no text. Raises OSError."""
    with _part(path, 0o600) as descriptor, os.fdopen(descriptor, "wb") as file:
        yield file


@contextmanager
def public_file(path: Path) -> Iterator[IO[str]]:
    """The same for what names nobody: whoever runs on this machine may read it, whatever the umask. Raises OSError."""
    with _part(path, 0o644) as descriptor, os.fdopen(descriptor, "w", encoding="utf-8") as file:
        yield file


@contextmanager
def _part(path: Path, mode: int) -> Iterator[int]:
    # a new file beside it, so that nobody meets half of it, and an older file's looser rights do not stay
    part = path.with_name(f".{path.name}.part")
    try:
        refuse_special(path)
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as e:
        raise _about(path, e) from e
    mine = os.fstat(descriptor).st_ino
    try:
        os.fchmod(descriptor, mode)
        yield descriptor
        if not _is(part, mine):
            raise FileExistsError(errno.EEXIST, "another command is writing it too", str(path))
        try:
            part.replace(path)
        except OSError as e:
            raise _about(path, e) from e
    finally:
        if _is(part, mine):
            part.unlink(missing_ok=True)


def refuse_special(path: Path) -> None:
    """FileExistsError where a new file would take the place of a device, a pipe or a link of the system's (/dev/null,
    /dev/stdout), and so for everybody."""
    if path.is_symlink():
        special = path.parent.resolve().is_relative_to("/dev") or path.parent.resolve().is_relative_to(
            "/proc"
        )
    else:
        special = path.exists() and not path.is_file()
    if special:
        raise FileExistsError(errno.EEXIST, "no ordinary file; name one that may be replaced", str(path))


def _about(path: Path, error: OSError) -> OSError:
    """The same, told of the file that was asked for and not of the one beside it."""
    return OSError(error.errno, error.strerror, str(path))


def _is(part: Path, inode: int) -> bool:
    """Whether it is still the file that was begun: whoever writes the same file puts a new one there."""
    try:
        return part.lstat().st_ino == inode
    except OSError:
        return False
