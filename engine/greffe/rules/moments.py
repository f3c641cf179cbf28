"""Dates of a feed as Moodle stores moments: seconds since 1970, 0 for none."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from greffe.rules.text import RefusedValueError, shown

_LATEST = 253_402_300_799
"""The last second of the year 9999."""
_FORMS = ("%Y-%m-%d", "%d/%m/%Y", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")


def moment(text: str, owner: str) -> int:
    """``2026-09-01``, ``01/09/2026`` (midnight, local time) or seconds → seconds; '' and 0 → 0.

    Raises RefusedValueError for what is no date after 1970.
    """
    if not text or text == "0":
        return 0
    seconds = _seconds(text) if text.isascii() else 0
    if not 0 < seconds <= _LATEST:
        raise RefusedValueError(
            f"{owner}: {shown(text)} is no date; write 2026-09-01, 01/09/2026 or seconds since 1970"
        )
    return seconds


def _seconds(text: str) -> int:
    if text.isdigit() and 8 < len(text) <= len(str(_LATEST)):
        return int(text)
    for form in _FORMS:
        with suppress(ValueError, OverflowError):
            return int(datetime.strptime(text, form).astimezone().timestamp())
    return 0
