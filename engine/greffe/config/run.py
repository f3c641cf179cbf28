"""``[run]``: how a night is run."""

from __future__ import annotations

from typing import Literal

from greffe.config.strict import Strict


class Run(Strict, frozen=True, kw_only=True):
    """How a night is run."""

    on_bad_feed: Literal["freeze", "stop"] = "freeze"
    """Freeze what a bad feed reaches and do the rest, or do nothing at all."""
    reports: str | None = None
    """Directory that receives one HTML report a night."""
    sync: list[Literal["cohort", "meta"]] = []
    """Methods that a night brings in step too, all their instances, after the courses and by the site's own settings.
    Those of ``[[link]]`` rules are brought in step without it."""
    state: str | None = None
    """Directory in which Greffe keeps what it has told; default: systemd's StateDirectory, else /var/lib/greffe."""
