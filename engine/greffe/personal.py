"""Marks of what can name a person, for the fields of everything that is shown: `--anonymise` goes by them (report/veil.py).

A field of a report that can hold a person's name, number, address or id is of one of these types, and of no other.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec


def _mark(how: str) -> msgspec.Meta:
    return msgspec.Meta(extra={"veil": how})


Person = Annotated[str, _mark("person")]
"""Nothing but a person: an idnumber, a username, ``id 17``, an operator's name."""
Said = Annotated[str, _mark("said")]
"""A sentence that may quote what a feed, a file or a person says."""
Cell = Annotated[str, _mark("cell")]
"""A value as a file of people has it, whatever it is."""
FilePath = Annotated[str, _mark("path")]
"""Where a file is: directories can be named for people."""
Called = Annotated[list[list[str]], _mark("called")]
"""Everybody whom sentences name, each by all that they call him."""
Rows = Annotated[list[dict[str, Any]], _mark("rows")]
"""Rows of a query, by the names of its columns."""

COLUMNS = re.compile(r"(?<=; it has ).+|(?<=\? It has ).+|(?<=the header names ).+(?= more than once)")
"""Columns of a feed, as sentences list them: where a file has no header, they are somebody's row."""
