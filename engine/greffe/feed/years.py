"""Which academic years are open.

An academic year bears the name of the calendar year in which it begins (APOGÉE's COD_ANU). From June to October two
are open, the one that ends and the one that registers (registrations.md, Calendar facts).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from greffe.config.calendar import Calendar
from greffe.config.feeds import Feed, FromFeed

FIRST_MONTH, LAST_MONTH = 6, 10
"""Months in which two years are open."""


def open_years(
    feed: Feed, calendar: Calendar, today: date, listed: Callable[[FromFeed], set[str]]
) -> set[str] | None:
    """The years whose rows count in this feed; None: all.

    ``listed`` reads the years from the feed that lists them, see ``greffe.feed.filters.values``.
    """
    if feed.years == "all":
        return None
    if feed.years == "open":
        return set(calendar.open_years) if calendar.open_years is not None else years_open_on(today)
    return listed(feed.years) if isinstance(feed.years, FromFeed) else set(feed.years)


def years_open_on(day: date) -> set[str]:
    """2026-07 → {2025, 2026}; 2026-11 → {2026}; 2027-03 → {2026}."""
    if FIRST_MONTH <= day.month <= LAST_MONTH:
        return {str(day.year - 1), str(day.year)}
    return {str(day.year if day.month > LAST_MONTH else day.year - 1)}
