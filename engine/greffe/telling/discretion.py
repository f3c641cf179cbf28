"""Nobody's name, number or address leaves in a mail, a webhook or a log line."""

from __future__ import annotations

import re

from greffe.errors import DatabaseError, GreffeError
from greffe.rules.text import visible

_PEOPLE = re.compile(
    r"[^\s@'\"<>(]+@[^\s@'\"<>)]+"  # addresses
    r"|(?<![\w.,/-])\d{6,}(?![\w.,]\d)"  # student numbers; figures are written with commas
    r"|(?<==)\([^()]*\)"  # PostgreSQL: Key (idnumber)=(22012345)
)
_VALUES = re.compile(r"(?<!\w)'[^']*'|\"[^\"]*\"")  # not an apostrophe
LONGEST = 600
"""Characters of a message that is passed on."""


def discreet(text: str, *, values: bool = True) -> str:
    """A message without what could name somebody. ``values``: whether quoted words are kept, as in Greffe's own sentences; a
    database's may quote a row."""
    text = visible(text)
    if not values:
        text = _VALUES.sub("‘…’", text)
    text = _PEOPLE.sub("…", text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def said(error: GreffeError) -> str:
    """An error's message; a database's may quote a row."""
    return discreet(str(error), values=not isinstance(error, DatabaseError))
