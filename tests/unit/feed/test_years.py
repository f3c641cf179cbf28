"""Open academic years, through the rollover."""

from __future__ import annotations

from datetime import date

import pytest

from greffe.config.calendar import Calendar
from greffe.config.feeds import Feed, FromFeed
from greffe.feed.years import open_years, years_open_on


@pytest.mark.parametrize(
    ("day", "years"),
    [
        (date(2026, 5, 31), {"2025"}),
        (date(2026, 6, 1), {"2025", "2026"}),
        (date(2026, 7, 15), {"2025", "2026"}),
        (date(2026, 10, 31), {"2025", "2026"}),
        (date(2026, 11, 1), {"2026"}),
        (date(2026, 12, 31), {"2026"}),
        (date(2027, 1, 1), {"2026"}),
        (date(2027, 3, 1), {"2026"}),
    ],
)
def test_two_years_are_open_from_june_to_october(day: date, years: set[str]) -> None:
    assert years_open_on(day) == years


def test_who_decides() -> None:
    july, calendar = date(2026, 7, 1), Calendar(open_years=["2031"])

    def listed(source: FromFeed) -> set[str]:
        assert source.column == "COD_ANU"
        return {"2040"}

    assert open_years(Feed(csv="x"), calendar, july, listed) is None
    assert open_years(Feed(csv="x", years="open"), Calendar(), july, listed) == {"2025", "2026"}
    assert open_years(Feed(csv="x", years="open"), calendar, july, listed) == {"2031"}
    assert open_years(Feed(csv="x", years=["2026"]), calendar, july, listed) == {"2026"}
    assert open_years(Feed(csv="x", years=FromFeed(feed="years")), calendar, july, listed) == {"2040"}
