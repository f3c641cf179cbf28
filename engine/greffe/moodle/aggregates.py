"""Ids that the database aggregates into one string per row, and the proof that none arrived cut.

Every string is counted against COUNT(*) and against the length at which the server cuts; a statement whose answer does
not pass is asked again in ranges of ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from greffe.errors import DatabaseError
from greffe.model import MAX_USER
from greffe.moodle.database import Database

_TOGETHER = 500
"""Keys of one statement."""


def strings(
    db: Database, name: str, keys: str, wanted: Sequence[int], **params: Any
) -> dict[tuple[Any, ...], str]:
    """What a statement says: (first columns) → ids, ascending. Its last two columns are a count and the ids; it takes
    ``keys`` as a list, and the range (``above``, ``upto``]."""
    found: dict[tuple[Any, ...], str] = {}
    for start in range(0, len(wanted), _TOGETHER):
        part = {keys: list(wanted[start : start + _TOGETHER])} | params
        for key, text in _between(db, name, part, 0, MAX_USER):
            found[key] = f"{found[key]},{text}" if key in found else text
    return found


def _between(
    db: Database, name: str, params: dict[str, Any], above: int, upto: int
) -> Iterator[tuple[tuple[Any, ...], str]]:
    rows = db.query(name, above=above, upto=upto, **params)
    if all(whole(db, text, count) for *_, count, text in rows):
        yield from ((tuple(key), text) for *key, _, text in rows)
    elif upto - above == 1:
        raise DatabaseError(
            f"the ids that {name} reads arrive cut, however small the range",
            todo="Raise max_allowed_packet on the server.",
        )
    else:
        middle = (above + upto) // 2
        yield from _between(db, name, params, above, middle)
        yield from _between(db, name, params, middle, upto)


def whole(db: Database, text: str | None, count: int) -> bool:
    """Whether an aggregate holds as many ids as were counted, and cannot have been cut within its last."""
    return text is not None and text.count(",") + 1 == count and db.whole(text)
