"""The header of a feed: trimmed, without doubles, and searched with helpful words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from greffe.errors import FeedError
from greffe.model import Table
from greffe.rules.text import clean


def trimmed(cells: Iterable[str], where: str) -> tuple[str, ...]:
    """The column names of a header; ``where`` names it in errors.

    Columns without a name are allowed (a separator at the end of each line makes one), twice the same name is not:
    one could not tell which is meant.
    """
    names = tuple(map(clean, cells))
    doubles = [name for name, times in Counter(names).items() if name and times > 1]
    if doubles:
        raise FeedError(f"{where}: the header names {_list(doubles)} more than once")
    if not any(names):
        raise FeedError(f"{where}: the header is empty")
    return names


def positions(table: Table, names: Sequence[str]) -> tuple[int, ...]:
    """Where the named columns stand in the rows of a table.

    Raises FeedError that names every missing column and what it may be called instead.
    """
    missing = [name for name in dict.fromkeys(names) if name not in table.columns]
    if missing:
        raise FeedError(
            f"[feed.{table.name}] {table.source}: no column {_list(missing)}{_hint(missing, table.columns)}",
            todo="Name the column in the configuration as the feed does, or have the extract corrected.",
        )
    return tuple(table.columns.index(name) for name in names)


def _hint(missing: Sequence[str], columns: Sequence[str]) -> str:
    from difflib import get_close_matches

    if len(columns) == 1 and (others := [mark for mark in ";,\t|" if mark in columns[0]]):
        mark = max(others, key=columns[0].count)
        return f"; the header is one single column: is the separator {mark!r}?"
    folded = {name.casefold(): name for name in columns}
    likely = [folded[m] for name in missing for m in get_close_matches(name.casefold(), folded, 1)]
    if likely:
        return f"; did you mean {_list(dict.fromkeys(likely))}? It has {_list(columns)}"
    return f"; it has {_list(columns)}"


def _list(names: Iterable[str]) -> str:
    return ", ".join(name if name.isprintable() and name else repr(name) for name in names)
