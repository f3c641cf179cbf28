"""What a look at a site finds."""

from __future__ import annotations

from typing import Literal

import msgspec

from greffe.personal import Said

Severity = Literal["stop", "bad", "refused", "warn", "ok"]


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at: whether it stops a night, and what to do about it."""

    severity: Severity
    """``stop``: nothing is written until it is settled; ``bad``: the night runs, leaves what a feed can reach as it is,
    and ends with exit code 5; ``refused``: it runs, leaves what a rule or a cohort is about as it is, and ends with exit
    code 10; ``warn``: the night runs, but somebody should look."""
    what: Said
    todo: Said = ""


def stop(what: str, todo: str) -> Finding:
    """It stops a night."""
    return Finding("stop", what, todo)


def bad(what: str, todo: str) -> Finding:
    """It makes a feed bad."""
    return Finding("bad", what, todo)


def refused(what: str, todo: str = "") -> Finding:
    """A night leaves it as it is and lists it."""
    return Finding("refused", what, todo)


def warn(what: str, todo: str = "") -> Finding:
    """It should be seen to."""
    return Finding("warn", what, todo)


def ok(what: str) -> Finding:
    """It is as it should be."""
    return Finding("ok", what)
