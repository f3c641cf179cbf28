"""Files that are there as a whole or not at all; those that name people are readable by their owner only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def private_file(path: Path, encoding: str = "utf-8", newline: str | None = None) -> Iterator[IO[str]]:
    """A text file to write; it takes its name, and an older file's place, once it is complete. Raises OSError."""
    with _part(path) as descriptor, os.fdopen(descriptor, "w", encoding=encoding, newline=newline) as file:
        yield file


@contextmanager
def private_bytes(path: Path) -> Iterator[IO[bytes]]:
    """The same for what is no text. Raises OSError."""
    with _part(path) as descriptor, os.fdopen(descriptor, "wb") as file:
        yield file


@contextmanager
def public_file(path: Path) -> Iterator[IO[str]]:
    """The same for what names nobody: whoever runs on this machine may read it, whatever the umask. Raises OSError."""
    with _part(path) as descriptor, os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, 0o644)
        yield file


@contextmanager
def _part(path: Path) -> Iterator[int]:
    # a new file beside it, so that nobody meets half of it, and an older file's looser rights do not stay
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        yield os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
