"""A person's lines in the feeds, and where each rule would take them."""

from __future__ import annotations

from dataclasses import dataclass, field

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
    """What is said of that."""
    led: list[Led] = field(default_factory=list)

    def __str__(self) -> str:
        codes = ", ".join(f"{column}={text}" for column, text in self.codes.items() if text)
        return f"{self.source} line {self.line}" + (f" ({codes})" if codes else "")
