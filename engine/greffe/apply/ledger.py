"""The journal rows of one transaction, collected column by column and written with the changes they tell of."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

import msgspec

from greffe.model import FEED_SHIFT, LINE_MASK, Action, Batch
from greffe.moodle.database import Database

_NUMBERS = ("course", "enrol", "user", "object", "role", "group", "cohort", "line")
_TEXTS = ("action", "reason", "feed", "oldrow", "newrow")

_encode = msgspec.json.encode


def image(columns: Sequence[str], row: Sequence[Any]) -> str:
    """A row as the journal keeps it: every column by name."""
    return _encode(dict(zip(columns, row, strict=True))).decode()


class Ledger:
    """What one transaction changes."""

    def __init__(self, feeds: Sequence[str]) -> None:
        self._feeds = feeds
        self._numbers: dict[str, array[int]] = {c: array("q") for c in _NUMBERS}
        self._texts: dict[str, list[str | None]] = {c: [] for c in _TEXTS}

    def __len__(self) -> int:
        return len(self._texts["action"])

    def add(
        self,
        action: Action,
        batch: Batch,
        enrol: int,
        users: Sequence[int],
        objects: Sequence[int],
        *,
        sources: Sequence[int] = (),
        role: int = 0,
        group: int = 0,
        cohort: int = 0,
        old: Sequence[str | None] = (),
        new: str | None = None,
    ) -> None:
        """The same change to many rows; ``objects`` are the rows' ids, ``old`` their images before."""
        n = len(users)
        numbers, texts = self._numbers, self._texts
        numbers["course"].extend([batch.course] * n)
        numbers["enrol"].extend([enrol] * n)
        numbers["user"].extend(users)
        numbers["object"].extend(objects)
        numbers["role"].extend([role] * n)
        numbers["group"].extend([group] * n)
        numbers["cohort"].extend([cohort] * n)
        texts["action"] += [action.value] * n
        texts["reason"] += [batch.reason.value] * n
        if sources and any(sources):
            numbers["line"].extend(s & LINE_MASK for s in sources)
            texts["feed"] += [self._feeds[s >> FEED_SHIFT] if s else "" for s in sources]
        else:
            numbers["line"].extend([0] * n)
            texts["feed"] += [""] * n
        texts["oldrow"] += old or [None] * n
        texts["newrow"] += [new] * n

    def write(self, db: Database, run: int, now: int) -> None:
        """Write the rows, in the transaction that is open."""
        if len(self):
            db.insert("add_changes", {**self._numbers, **self._texts}, run=run, now=now)
