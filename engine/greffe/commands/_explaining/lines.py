"""A person's lines in the feeds, and where each rule would take them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from greffe.view.account import Account
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


@dataclass(frozen=True, slots=True)
class Sought:
    """Whose lines are looked for."""

    text: str
    """As the operator names him."""
    account: Account | None
    """None: nobody has an account that answers to it, or several have."""

    def named(self, field: str) -> str:
        """What lines name him by, where they name people by this field."""
        return self.account.field(field) if self.account else self.text


Lead = tuple[Registration, Led]
"""A line, and one place that it leads to."""


@dataclass(slots=True)
class Traced:
    """What the feeds say of one person."""

    lines: list[Registration]
    broken: dict[str, str]
    """Feed that could not be read to its end → why."""

    @property
    def leads(self) -> list[Lead]:
        """Every line with every place that it leads to."""
        return [(r, led) for r in self.lines for led in r.led]

    def of_course(self, course: int) -> list[Lead]:
        """What leads into a course of the site."""
        return [(r, led) for r, led in self.leads if led.course == course]

    def of_code(self, code: str) -> list[Lead]:
        """What leads to a code that is no course's."""
        return [(r, led) for r, led in self.leads if code and not led.course and led.said == code]
