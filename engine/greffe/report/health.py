"""The health of the register as Nagios and its heirs read it: one line with performance data, then a line for each check."""

from __future__ import annotations

from enum import IntEnum

import msgspec

from greffe.apply.register import Register
from greffe.report.texts import visible


class Status(IntEnum):
    """As Nagios and its heirs number them: also the exit codes of ``greffe health``."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3

    @property
    def gravity(self) -> int:
        """What is worse is higher; not to know is less than to know that it is bad."""
        return {Status.OK: 0, Status.UNKNOWN: 1, Status.WARNING: 2, Status.CRITICAL: 3}[self]


class Check(msgspec.Struct, frozen=True):
    """One question and its answer."""

    name: str
    """night, guard, feeds, relay, drift, tables."""
    status: Status
    text: str
    todo: str = ""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """From when on something is too old; in seconds."""

    night: int = 26 * 3600
    feeds: int = 48 * 3600
    relay: int = 3600


class Health(msgspec.Struct, frozen=True):
    """The register and what there is to say of it."""

    status: Status
    """The gravest of the checks."""
    checks: list[Check]
    limits: Limits
    register: Register | None
    """None where the database could not be read."""


def lines(health: Health) -> list[str]:
    """What ``greffe health`` prints. The first line names what is worst, and carries the performance data."""
    worst = [c for c in health.checks if c.status is health.status]
    said = " ".join(_plain(c.text) for c in (worst if health.status else worst[:1]))
    found = [f"GREFFE {health.status.name} - {said}{_performance(health)}"]
    for check in health.checks:
        found.append(f"{check.status.name}: {check.name}: {_plain(check.text)}")
        if check.status and check.todo:
            found.append(f"  → {_plain(check.todo)}")
    return found


def _plain(text: str) -> str:
    """Without the character that begins performance data."""
    return visible(text).replace("|", "/")


def _performance(health: Health) -> str:
    """``label=value;warning;critical`` of what can be drawn; times in seconds."""
    found, limits = health.register, health.limits
    if found is None or not found.used:
        return ""
    data: list[str] = []
    if found.good:
        data.append(f"good_night_age={found.now - found.good.ended}s;;{limits.night};0")
    if found.ended:
        data.append(f"duration={found.ended.ended - found.ended.started}s;;;0")
        data.append(f"changes={found.ended.changes};;;0")
    data.append(f"waiting={sum(found.waiting.values())};;;0")
    if found.backlog:
        oldest = found.now - found.backlog.oldest if found.backlog.oldest else 0
        data += [
            f"relay_pending={found.backlog.pending};;;0",
            f"relay_oldest={oldest}s;{limits.relay};86400;0",
        ]
    return " | " + " ".join(data)
