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
    with _whole_file(path, 0o600, encoding, newline) as file:
        yield file


@contextmanager
def public_file(path: Path) -> Iterator[IO[str]]:
    """The same for what names nobody: whoever runs on this machine may read it, whatever the umask. Raises OSError."""
    with _whole_file(path, 0o644, "utf-8", None) as file:
        yield file


@contextmanager
def _whole_file(path: Path, mode: int, encoding: str, newline: str | None) -> Iterator[IO[str]]:
    # a new file beside it, so that nobody meets half of it, and an older file's looser rights do not stay
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding=encoding, newline=newline) as file:
            os.fchmod(descriptor, mode)
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
