"""Rows on a terminal: of their columns the most important ones that fit beside each other."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from textwrap import wrap

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

_WIDEST = 32
"""Letters that a column takes at first; what room is left afterwards goes to those that have more to say."""
_GAP = 2
"""Letters between two columns."""
_TOGETHER = 1000
"""Rows of one table: a longer list comes as several, so that it is not held as a whole."""

Lines = Sequence[str]
"""A cell, line by line."""


@dataclass(frozen=True, slots=True)
class Place:
    """A column that has room."""

    at: int
    """Its number among all columns."""
    heading: str
    width: int
    """Letters; no word of the heading is broken."""


def room_on(out: Console) -> int:
    """Letters that stand beside each other: a terminal's; for what is piped as many as COLUMNS says, where it says fewer."""
    said = "" if out.is_terminal else os.environ.get("COLUMNS", "")
    return min(out.width, int(said)) if re.fullmatch("[1-9][0-9]{1,3}", said) else out.width


def choose(
    room: int, headings: Mapping[str, str], cells: Sequence[Sequence[Lines]], first: Iterable[str]
) -> tuple[list[Place], list[str]]:
    """(the columns that are shown, in their own order; the headings of those that have no room).

    ``headings``: key → heading, in the order of the cells; ``first``: the keys to be shown, the most important first. A column
    that says nothing in these rows takes no room, and is not missed.
    """
    order = list(headings)
    found: dict[int, tuple[Place, int]] = {}
    left_out = []
    for key in first:
        at, heading = order.index(key), headings[key]
        longest = max((cell_len(line) for row in cells for line in row[at]), default=0)
        if not longest:
            continue
        width = max(min(longest, _WIDEST), *map(cell_len, heading.split()))
        if room >= width or not found:
            found[at] = Place(at, heading, min(width, room)), longest
            room -= width + _GAP
        else:
            left_out.append(heading)
    room += _GAP  # none stands behind the last
    for at, (place, longest) in found.items():
        more = min(max(longest - place.width, 0), max(room, 0))
        found[at] = replace(place, width=place.width + more), longest
        room -= more
    for at, (place, longest) in found.items():
        more = min(_in_two_lines(place) - place.width, max(room, 0))
        found[at] = replace(place, width=place.width + more), longest
        room -= more
    return [found[at][0] for at in sorted(found)], left_out


def _in_two_lines(place: Place) -> int:
    """The least width at which its heading has no more than two lines: one of four, a word each, makes the whole list ugly."""
    width = place.width
    while len(wrap(place.heading, width)) > 2:
        width += 1
    return width


def draw(
    out: Console,
    headings: Mapping[str, str],
    rows: Iterator[Sequence[Lines]],
    first: Collection[str],
    *,
    right: Collection[str] = (),
    cut: bool = False,
) -> tuple[int, list[str]]:
    """Print rows below the headings that have room; (how many rows, the headings that have none). Arguments as in ``choose``, which
    sees the first rows alone, so that the others need not be held.

    ``right``: keys of numbers. What is longer than its column goes on below, or with ``cut`` ends there.
    """
    number, columns, left_out = 0, list[Place](), list[str]()
    to_the_right = {at for at, key in enumerate(headings) if key in right}
    while part := list(islice(rows, _TOGETHER)):
        if not number:
            columns, left_out = choose(room_on(out), headings, part, first)
        table = _empty(out, columns, header=not number, right=to_the_right, cut=cut)
        for row in part:
            table.add_row(*(Text("\n".join(row[each.at])) for each in columns))
        out.print(table)
        number += len(part)
    return number, left_out


def _empty(
    out: Console, columns: Iterable[Place], *, header: bool, right: Collection[int], cut: bool
) -> Table:
    framed = out.is_terminal  # and a frame has one letter between two columns
    table = Table(
        box=box.SIMPLE_HEAD if framed else None, show_edge=False, pad_edge=False, padding=(0, _GAP - framed, 0, 0),
        show_header=header,
    )  # fmt: skip
    for each in columns:
        table.add_column(
            "\n".join(wrap(each.heading, each.width)), width=each.width, no_wrap=cut, overflow="ellipsis" if cut else "fold",
            justify="right" if each.at in right else "left",
        )  # fmt: skip
    return table
