"""Times as they are typed: how long, and when."""

from __future__ import annotations

import re
from datetime import datetime

import click


def duration(value: str) -> int:
    """``90m``, ``26h``, ``3d``, as in the configuration; in seconds. Raises BadParameter."""
    from greffe.config.amounts import seconds

    if not re.fullmatch(r"[1-9][0-9]{0,8}[smhd]", value):
        raise click.BadParameter(f"{value!r} is no duration such as 90m, 24h or 3d")
    return seconds(value)


def moment(_context: click.Context, _parameter: click.Parameter, value: str | None) -> int | None:
    """A day, or a moment of this machine's time zone, as seconds since 1970; ``none`` for 0."""
    if value is None or value.strip() in ("none", "0"):
        return None if value is None else 0
    try:
        found = int(datetime.fromisoformat(value.strip()).astimezone().timestamp())
    except (ValueError, OverflowError):
        found = 0
    if found <= 0:
        raise click.BadParameter("give 2027-06-30, 2027-06-30T18:00 or none")
    return found
