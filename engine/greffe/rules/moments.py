"""Dates of a feed as Moodle stores moments: seconds since 1970, 0 for none."""

from __future__ import annotations

from datetime import datetime

from greffe.errors import ConfigError

_FORMS = ("%Y-%m-%d", "%d/%m/%Y", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")


def moment(text: str, owner: str) -> int:
    """``2026-09-01``, ``01/09/2026`` (midnight, local time) or seconds → seconds; '' and 0 → 0."""
    if not text or text == "0":
        return 0
    if text.isascii() and text.isdigit() and len(text) > 8:
        return int(text)
    for form in _FORMS:
        try:
            return int(datetime.strptime(text, form).astimezone().timestamp())
        except ValueError:
            continue
    raise ConfigError(f"{owner}: {text!r} is no date; write 2026-09-01, 01/09/2026 or seconds since 1970")
