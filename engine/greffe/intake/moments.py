"""Dates that people write, as Moodle stores moments: seconds since 1970, 0 for none."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, tzinfo
from functools import lru_cache

from greffe.intake.cells import RefusedCellError, Row

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")
_FRENCH = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?:[ T](\d{1,2})[:hH](\d\d)?(?::(\d\d))?)?")
_SHORT = re.compile(r"\d{1,2}([/.-])\d{1,2}\1\d{2}(?: .*)?")
_EARLIEST = 100_000_000
"""Of seconds: a smaller number is a date without its marks (20260901), or a spreadsheet's number of days."""
_LATEST = 253_402_300_799
"""The last second of the year 9999."""
DAY = 86_400


def midnight(day: date, zone: tzinfo | None) -> int:
    """The first second of a day."""
    return _seconds(datetime.combine(day, time(), zone))


def moment(row: Row, index: int, zone: tzinfo | None, *, american: bool = False) -> int | None:
    """A date (its midnight), a date with a time, or seconds since 1970; None for an empty cell, 0 for 0.

    ``zone`` None is the machine's own. ``american``: the tool whose format this is reads 03/04/2026 as the 4th of
    March, so that whoever writes the day first means another day. Raises RefusedCellError for whatever is no date or
    could be two.
    """
    text = row.text(index)
    if not text:
        return None
    try:
        return _read(" ".join(text.split()), zone, american=american)
    except (ValueError, OverflowError) as e:
        why = str(e) if isinstance(e, _UnclearError) else "is no date"
        raise RefusedCellError(index, f"{why}: write 2026-09-01, or 2026-09-01 08:00") from e


def days(row: Row, index: int) -> int | None:
    """A number of days in seconds; None for an empty cell and for 0, which Moodle reads as no period."""
    text = row.text(index)
    if not text or text == "0":
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        raise RefusedCellError(index, "is not a number of days")
    return int(text) * DAY


class _UnclearError(ValueError):
    """It is a date, but of which day?"""


@lru_cache(1024)
def _read(text: str, zone: tzinfo | None, *, american: bool) -> int:
    if text.isascii() and text.isdigit():
        number = int(text[:20])
        if number and not _EARLIEST <= number <= _LATEST:
            raise _UnclearError("is neither a date nor seconds since 1970")
        return number
    if found := _ISO.fullmatch(text):
        year, month, day, hour, minute, second, offset = found.groups()
        if offset:
            return _positive(int(datetime.fromisoformat(text.replace(" ", "T")).timestamp()))
    elif found := _FRENCH.fullmatch(text):
        day, mark, month, year, hour, minute, second = found.groups()
        if american and mark == "/" and int(day) <= 12 and day.lstrip("0") != month.lstrip("0"):
            raise _UnclearError("may be one of two days, since Moodle reads the month first here")
    elif _SHORT.fullmatch(text):
        raise _UnclearError("has a year of two digits")
    else:
        raise ValueError(text)
    local = datetime(
        int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=zone
    )
    if _seconds(local.replace(fold=0)) != _seconds(local.replace(fold=1)):
        raise _UnclearError("does not tell which hour, as the clocks change then")
    return _positive(_seconds(local))


def _positive(number: int) -> int:
    if not 0 < number <= _LATEST:
        raise _UnclearError("is a date that Moodle cannot hold")
    return number


def _seconds(local: datetime) -> int:
    return int(local.astimezone(UTC).timestamp())
