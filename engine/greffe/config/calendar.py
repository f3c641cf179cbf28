"""``[calendar]``: which academic years are open, and on which days nights hold back."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Annotated

import msgspec

from greffe.config.strict import Strict
from greffe.errors import ConfigError

Day = Annotated[str, msgspec.Meta(pattern=r"^(\d{4}-)?\d{2}-\d{2}$")]


class Window(Strict, frozen=True, kw_only=True):
    """From one day to another, both included: of one year (2026-07-01), or of every year (07-01)."""

    first: Day = msgspec.field(name="from")
    """Its first day."""
    last: Day = msgspec.field(name="to")
    """Its last day."""

    @property
    def yearly(self) -> bool:
        """Whether it comes back every year; then it may reach over the new year."""
        return len(self.first) == len("07-01")

    def until(self, today: date) -> date | None:
        """Its last day, where today is in it."""
        if not self.yearly:
            last = date.fromisoformat(self.last)
            return last if date.fromisoformat(self.first) <= today <= last else None
        day, over = f"{today:%m-%d}", self.first > self.last
        if (self.first <= day <= self.last) if not over else (day >= self.first or day <= self.last):
            # 2000 was a leap year: a window may end on 02-29, whatever this year is
            last = date.fromisoformat(f"2000-{self.last}")
            year = today.year + (over and day >= self.first)
            return date(year, last.month, min(last.day, monthrange(year, last.month)[1]))
        return None


class Calendar(Strict, frozen=True, kw_only=True):
    """What Greffe must know of the academic year."""

    open_years: list[str] | None = None
    """Years that are open now; default: counted from the date (June to October: two)."""
    blackout: list[Window] = []
    """Days on which nights change nothing."""
    add_only: list[Window] = []
    """Days on which nobody loses anything: last year's people stay while the next year's come."""


def check_window(at: str, window: Window) -> None:
    """Refuse a window that names no day, or ends before it begins; ``at`` names it."""
    if len(window.first) != len(window.last):
        raise ConfigError(f"{at}: one day has a year and the other has none")
    days = []
    for text in (window.first, window.last):
        try:
            days.append(date.fromisoformat(f"2000-{text}" if window.yearly else text))
        except ValueError:
            raise ConfigError(f"{at}: there is no day {text}") from None
    if not window.yearly and days[0] > days[1]:
        raise ConfigError(f"{at}: ends before it begins")
