"""Nobody's name, number or address leaves in a mail, a webhook or a log line."""

from __future__ import annotations

import re

from greffe.errors import ArgumentError, BatchfileError, DatabaseError, FeedError, GreffeError, RefusedError
from greffe.personal import COLUMNS
from greffe.rules.text import visible

_PEOPLE = re.compile(
    r"[^\s@'\"<>(]+@[^\s@'\"<>)]+"  # addresses
    r"|(?<![\w.,/-])\d{6,}(?![\w.,]\d)"  # student numbers; figures are written with commas
    r"|(?<==)\([^()]*\)"  # PostgreSQL: Key (idnumber)=(22012345)
)
_VALUES = re.compile(
    r"(?<=entry )'.*'(?= for key)"  # MariaDB: what it quotes may hold apostrophes of its own
    r"|(?<!\w)'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""  # not an apostrophe
)
_QUOTING = (ArgumentError, BatchfileError, DatabaseError, FeedError, RefusedError)
"""Errors whose quoted words may be a row, a line of a file, or whom somebody asked for."""
LONGEST = 600
"""Characters of a message that is passed on."""


def discreet(text: str, *, values: bool = True) -> str:
    """A message without what could name somebody. ``values``: whether quoted words are kept, as in sentences about a
    configuration; what a database or a reader of a feed says may quote a row."""
    text = visible(text)
    if not values:
        text = COLUMNS.sub("…", _VALUES.sub("‘…’", text))
    text = _PEOPLE.sub("…", text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def said(error: GreffeError) -> str:
    """An error's message."""
    return discreet(str(error), values=not isinstance(error, _QUOTING))
