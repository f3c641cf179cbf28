"""``[retention]``: how long Greffe keeps what names people, before `greffe prune` takes it out."""

from __future__ import annotations

from typing import Annotated

import msgspec

from greffe.config.strict import Strict

Days = Annotated[str, msgspec.Meta(pattern=r"^([1-9]\d{0,4}d|never)$")]
"""How long something is kept: a number of days, or ``never`` for what is never taken out."""


class Retention(Strict, frozen=True, kw_only=True):
    """How long what is kept; nothing is taken out but by `greffe prune`, or where ``nightly`` says so."""

    journal: Days = "400d"
    """What runs changed, for whom and why: thirteen months, a whole academic year with both its ends. Of a run only its
    figures stay then; it can no longer be undone."""
    waiting: Days = "90d"
    """People without an account, counted from the last good night of their feed: a good night writes the list anew."""
    findings: Days = "730d"
    """What audits found, with ids of people as examples."""
    messages: Days = "365d"
    """Messages to participants, once they are sent."""
    reports: Days = "90d"
    """HTML reports in ``[run] reports``."""
    nightly: bool = False
    """Whether a night ends by taking out what is older."""


def days(kept: str) -> int | None:
    """``400d`` → 400; None for ``never``."""
    return None if kept == "never" else int(kept[:-1])
