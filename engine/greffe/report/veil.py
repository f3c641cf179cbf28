"""``--anonymise``: a report as it can be shown to people outside, for a ticket. Courses, cohorts and methods keep their names.

People become P1, P2, … in the order in which the report names them: one person is the same all through one report, and another
number in the next, so that nothing needs to be kept secret for it (docs/decisions/0016).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import PurePath
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from greffe.personal import COLUMNS

Shown = TypeVar("Shown")

HIDDEN = "…"
_QUOTED = re.compile(r"(?<!\w)'(?:[^'\\]|\\.)*'(?!\w)|\"(?:[^\"\\]|\\.)*\"|«[^»]*»|“[^”]*”")
_ADDRESS = re.compile(r"[\w.+'-]+@[\w.-]+\.\w+")
_ID = re.compile(r"\bid \d+\b")
_LEAST = 3
"""Shorter than this a person's text could be any number or word of a sentence; it is quoted there, or not there at all."""
_PEOPLE = frozenset({"userid", "modifierid"})
"""Columns that hold an account's id in whatever audit."""


class Veil:
    """The pseudonyms of one report."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._people = 0
        self._short: set[str] = set()
        self._known = re.compile(r"(?!)")

    def person(self, text: str) -> str:
        """P1, P2, …; nobody stays nobody."""
        if text and text not in self._names:
            self._people += 1
            self._names[text] = f"P{self._people}"
        return self._names.get(text, "")

    def cell(self, text: str) -> str:
        """A pseudonym too: whatever stands there, it is the same where it stands again."""
        return self.person(text)

    def called(self, people: list[list[str]]) -> list[list[str]]:
        """One pseudonym for all that somebody is called."""
        found = []
        for texts in people:
            known = [self._names[t] for t in texts if t in self._names]
            name = known[0] if known else self.person(next(filter(None, texts), ""))
            self._names |= {t: name for t in texts if t}
            self._short |= {t for t in texts if t and len(t) < _LEAST and not t.isdigit()}
            found.append([name])
        return found

    def said(self, text: str) -> str:
        """A sentence without what it quotes, without a feed's columns, addresses and ids, and with pseudonyms for those who are known."""
        # people first: a name can have quotation marks of its own
        text = self._known.sub(lambda m: self._names[m[0]], text)
        text = COLUMNS.sub(HIDDEN, _ADDRESS.sub(HIDDEN, _QUOTED.sub(f"'{HIDDEN}'", text)))
        return _ID.sub(f"id {HIDDEN}", text)

    def path(self, text: str) -> str:
        """The file's own name."""
        return PurePath(text).name if "://" not in text else text

    def rows(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Ids of people become pseudonyms."""
        return [
            {
                head: self.person(f"id {value}") if value and head in _heads(row) else value
                for head, value in row.items()
            }
            for row in rows
        ]

    def know(self) -> None:
        """All people have been met: from now on sentences are searched for them."""
        names = sorted(
            (n for n in self._names if len(n) >= _LEAST or n in self._short), key=len, reverse=True
        )
        if names:
            self._known = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")


def anonymised(shown: Shown) -> Shown:
    """A report (a struct, or a list of them) in which nobody is named."""
    veil = Veil()
    for mark, value in _marked(shown):
        if mark != "said":
            getattr(veil, mark)(value)
    veil.know()
    found: Shown = _veiled(shown, None, veil)
    return found


def sentence(text: str) -> str:
    """One sentence by itself: an error's."""
    return Veil().said(text)


def _heads(row: dict[str, Any]) -> frozenset[str]:
    """Columns of a row that hold an account's id."""
    if "accounts" in row:
        return _PEOPLE | {"lowestid", "highestid"}
    return _PEOPLE | {"name"} if row.get("flagtype") == "accesslib/dirtyusers" else _PEOPLE


_WHOLE = ("rows", "called")
"""Marks of what is veiled as a whole."""


def _marked(shown: Any, mark: str | None = None) -> Iterator[tuple[str, Any]]:
    """(mark, value) of all that is marked, in the order in which it stands there."""
    if mark in _WHOLE or (mark and isinstance(shown, str)):
        yield mark, shown
    elif isinstance(shown, msgspec.Struct):
        for name, below in _fields(type(shown)).items():
            yield from _marked(getattr(shown, name), below)
    elif isinstance(shown, list | tuple):
        for one in shown:
            yield from _marked(one, mark)


def _veiled(shown: Any, mark: str | None, veil: Veil) -> Any:
    if mark in _WHOLE or (mark and isinstance(shown, str)):
        return getattr(veil, mark)(shown)
    if isinstance(shown, msgspec.Struct):
        fields = {
            name: _veiled(getattr(shown, name), mark, veil) for name, mark in _fields(type(shown)).items()
        }
        return msgspec.structs.replace(shown, **fields)
    if isinstance(shown, list):
        return [_veiled(one, mark, veil) for one in shown]
    return shown


@cache
def _fields(struct: type[msgspec.Struct]) -> dict[str, str | None]:
    """Fields of a struct that are marked, or may hold structs → the mark."""
    kind = inspect.type_info(struct)
    assert isinstance(kind, inspect.StructType)  # noqa: S101 - that is what type_info gives for one
    return {f.name: mark for f in kind.fields if (mark := _mark_of(f.type)) is not None or _holds(f.type)}


def _mark_of(kind: inspect.Type) -> str | None:
    if isinstance(kind, inspect.Metadata):
        return str((kind.extra or {}).get("veil") or "") or _mark_of(kind.type)
    if isinstance(kind, inspect.ListType):
        return _mark_of(kind.item_type)
    return None


def _holds(kind: inspect.Type) -> bool:
    if isinstance(kind, inspect.ListType):
        return _holds(kind.item_type)
    if isinstance(kind, inspect.UnionType):
        return any(map(_holds, kind.types))
    return isinstance(kind, inspect.StructType)
