"""A person's lines in the feeds, and where each rule would take them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from greffe.view.chain import Cause


@dataclass(frozen=True, slots=True)
class Led:
    """Where one rule takes one line."""

    rule: str
    """``[[course]] number 1``."""
    course: int = 0
    role: int = 0
    group: str = ""
    start: int = 0
    end: int = 0
    alone: bool = False
    """Whether the role is given without an enrolment."""
    cohort: str = ""
    """The idnumber, where it leads into a cohort."""
    cause: Cause | None = None
    """Why it leads nowhere."""
    said: str = ""
    """The code that is no course's, or the sentence on what was refused."""


@dataclass(slots=True)
class Registration:
    """One line of a feed that names the person."""

    feed: str
    source: str
    line: int
    delivered: int
    """Seconds since 1970."""
    codes: dict[str, str]
    """What it says in the columns that rules use: not the whole line."""
    person: str
    """As the line names him, zeros given back."""
    match: str
    """What of the account that is held against."""
    cause: Cause | None = None
    """Why the line does not count."""
    said: str = ""
    """What more is known of that."""
    key: tuple[str, ...] = ()
    """What the semi-join looks for in the other feed, where that has it not."""
    led: list[Led] = field(default_factory=list)

    def __str__(self) -> str:
        return at_line(self.source, self.line, self.codes)


def at_line(source: str, line: int, codes: Mapping[str, str]) -> str:
    """Where something stands, and what it says of that which matters."""
    told = ", ".join(f"{column}={text}" for column, text in codes.items() if text)
    name = source if "://" in source else PurePath(source).name
    return f"{name} line {line}" + (f" ({told})" if told else "")
