"""What a list says of the site itself: its name, and the clock on its wall."""

from __future__ import annotations

from datetime import tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from greffe.moodle.database import Database
from greffe.moodle.siteconfig import site_config

_THE_SERVERS = "99"


def site_name(db: Database) -> str:
    """As it stands on the site's front page."""
    return str(db.value("site_name") or "")


def site_zone(db: Database) -> tzinfo | None:
    """The zone that Moodle shows moments in: the one forced on everybody, else the site's own; None: this machine's,
    also for a zone that it does not know."""
    settings = site_config(db, ["forcetimezone", "timezone"])
    for name in (settings.get("forcetimezone", _THE_SERVERS), settings.get("timezone", _THE_SERVERS)):
        if name and name != _THE_SERVERS:
            try:
                return ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError):
                return None
    return None
