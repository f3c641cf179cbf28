"""Moodle's own settings of the site: rows of ``config``."""

from __future__ import annotations

from collections.abc import Sequence

from greffe.moodle.database import Database


def site_config(db: Database, names: Sequence[str]) -> dict[str, str]:
    """Those of these settings that the site has; '' where it is NULL."""
    return {str(name): str(value or "") for name, value in db.query("site_config", names=list(names))}
