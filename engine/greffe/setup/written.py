"""Files that Greffe writes on a machine and whose edits it respects: each ends with the digest of what it was written as."""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum
from pathlib import Path

_MARK = re.compile(r"^(\S+) written by greffe setup: (\w{64})\n\Z", re.MULTILINE)


class State(StrEnum):
    """What is to be done about something that a machine needs."""

    MAKE = "make"
    KEEP = "keep"
    """It is there, as it would be made or as somebody wants it."""
    REPLACE = "replace"
    """An older Greffe wrote it, and nobody has touched it since."""
    BESIDE = "beside"
    """Somebody has edited it: what this Greffe would write goes into a file beside it."""


def marked(text: str, comment: str) -> str:
    """A text with the line that tells whether it was edited since."""
    return f"{text}{comment} written by greffe setup: {_digest(text)}\n"


def state_of(path: Path, text: str) -> State:
    """What a marked text meets at its place. Raises OSError."""
    if not path.exists():
        return State.MAKE
    there = path.read_text(encoding="utf-8", errors="replace")
    if there == text:
        return State.KEEP
    mark = _MARK.search(there)
    untouched = mark is not None and mark[2] == _digest(there[: mark.start()])
    return State.REPLACE if untouched else State.BESIDE


def beside(path: Path) -> Path:
    """Where a text goes that must not replace an edited one."""
    return path.with_name(path.name + ".new")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
