"""How the text of a cell is made comparable: trimmed of what nobody can see, padded where zeros were lost."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable

_BLANKS = " \t\r\n\v\f\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_ZERO_WIDTH = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"
INVISIBLE = _BLANKS + _ZERO_WIDTH
"""What ``clean`` takes away at both ends."""


SHOWN = 60
"""Longest part of a refused value that a sentence repeats."""


class RefusedValueError(ValueError):
    """A cell holds what a rule cannot take. Its row leads nowhere tonight, and its person loses nothing by it."""


def brief(text: str) -> str:
    """A value of any length, cut where it is longer than a sentence has room for."""
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def shown(text: str) -> str:
    """A value as a sentence quotes it."""
    return repr(brief(text))


def visible(text: str) -> str:
    """Text from a feed, a file or a site without control characters: it must not steer a terminal."""
    if text.isprintable():
        return text
    return "".join(c if is_visible(c) else "\N{REPLACEMENT CHARACTER}" for c in text)


def is_visible(character: str) -> bool:
    """Whether it can be seen, or is a space. Python's ``isprintable`` has only one space; French needs those that do not break."""
    return character.isprintable() or unicodedata.category(character) == "Zs"


def holds(column: int, text: str) -> bool:
    """Whether a column of so many characters can hold the text on both databases (PostgreSQL knows no NUL)."""
    return len(text) <= column and "\0" not in text


def clean(text: str) -> str:
    """Trim spaces, tabs, line ends, no-break spaces, zero-width characters and byte order marks at both ends.

    Extracts glue them to codes (registrations.md: a no-break space at the end of COD_ELP); inner ones are kept,
    since they are part of a name.
    """
    return text.strip(INVISIBLE)


def fold(text: str) -> str:
    """Text as the usual collations of MariaDB and MySQL compare it: blind to case, accents and trailing spaces."""
    plain = unicodedata.normalize("NFKD", text.rstrip(" ")).casefold()
    return "".join(c for c in plain if not unicodedata.combining(c))


def pad(text: str, width: int) -> str:
    """Give a number its leading zeros back: ``pad("12345", 8)`` is ``"00012345"``.

    Only digits are padded: a spreadsheet takes zeros from numbers alone, ``E1234`` never had any. An empty text
    stays empty, since a person ``00000000`` would be nobody's.
    """
    return text.rjust(width, "0") if len(text) < width and text.isascii() and text.isdigit() else text


def lost_zeros(unknown: Iterable[str], known: Collection[str]) -> tuple[int, int]:
    """How many unknown numbers would be known with leading zeros, and the width that explains most of them.

    ``known`` is tested for membership and walked once for the widths of its numbers. (0, 0): padding explains none.
    """
    widths = sorted({len(text) for text in known if text[:1] == "0" and text.isdigit()})
    if not widths:
        return 0, 0
    found = dict.fromkeys(widths, 0)
    for text in unknown:
        for width in widths:
            padded = pad(text, width)
            if padded != text and padded in known:
                found[width] += 1
    width = max(widths, key=found.__getitem__)
    return (found[width], width) if found[width] else (0, 0)
