"""``[guards]``: how much may change in one night."""

from __future__ import annotations

from greffe.config.amounts import Duration, Number, Share
from greffe.config.strict import Strict


class _Limits(Strict, frozen=True, kw_only=True):
    additions: Share = "none"
    """People who are enrolled or get a role."""
    changes: Share = "none"
    """People whose times or groups change."""


class FeedLimits(_Limits, frozen=True, kw_only=True):
    """Beyond any of these a feed's changes stop the run."""

    suspensions: Share = "10%"
    """People who are suspended."""
    removals: Share = "10%"
    """People who lose anything, suspensions included."""
    above: Number = 50
    """A share counts only from more people than this."""
    at_most: Number = 2000
    """No night suspends or removes more people than this."""
    emptied: Share = "10%"
    """Courses that would lose everybody."""


class ScopeLimits(_Limits, frozen=True, kw_only=True):
    """Beyond any of these one course has its removals held, and the night goes on."""

    suspensions: Share = "30%"
    """People who are suspended."""
    removals: Share = "30%"
    """People who lose anything, suspensions included."""
    above: Number = 10
    """A share counts only from more people than this."""
    everybody_above: Number = 5
    """Everybody of a course with more people than this is always too much."""


class Guards(Strict, frozen=True, kw_only=True):
    """How much may change in one night."""

    feed: FeedLimits = FeedLimits()
    """Limits of a whole feed: beyond one of them the run is held."""
    scope: ScopeLimits = ScopeLimits()
    """Limits of one course or cohort: beyond one of them its losses are held."""
    approval_expires: Duration = "24h"
    """How long an approval holds."""
