"""Greffe's own tables: made at first use, refused where they are newer than this Greffe."""

from __future__ import annotations

import time

from greffe.errors import DatabaseError, SiteNotReadyError, TransientDatabaseError
from greffe.moodle import statements
from greffe.moodle.database import Database
from greffe.moodle.owntables import refuse_elsewhere
from greffe.moodle.presence import refuse_without_moodle

SCHEMA = "1"
_TRIES = 5


def has_tables(db: Database) -> bool:
    """Whether Greffe's tables are there, in a version that this Greffe knows. Raises SiteNotReadyError where they are, but not
    for this Greffe: set aside, unreadable, of another version."""
    try:
        version = db.value("schema_version")
    except TransientDatabaseError:  # says nothing about tables
        raise
    except DatabaseError:
        version = None
    if version is None:
        refuse_elsewhere(db)
    if version is not None and version != SCHEMA:
        raise SiteNotReadyError(
            f"Greffe's tables are of schema {version}; this Greffe knows schema {SCHEMA}",
            todo="Install the Greffe that made them, or a newer one.",
        )
    return version is not None


def ensure_tables(db: Database) -> None:
    """Create Greffe's own tables where they are missing. Raises DatabaseError without the right to create them, and ConfigError
    where there is no Moodle beside which they could stand."""
    for attempt in range(1, _TRIES + 1):
        if has_tables(db):
            return
        refuse_without_moodle(db)
        refuse_beside_installer(db)
        try:
            for name in statements.library(db.engine):
                if name.startswith("create_"):
                    db.execute(name)
            db.execute("set_schema_version", version=SCHEMA)
        except TransientDatabaseError:  # another Greffe makes them at this very moment
            if attempt == _TRIES:
                raise
            time.sleep(0.2 * attempt)
        else:
            return


def refuse_beside_installer(db: Database) -> None:
    """Moodle's installer may be making these very tables, and would stop at one that is there."""
    found = {str(n): str(v or "") for n, v in db.query("site_config", names=["upgraderunning"])}
    until = found.get("upgraderunning", "")
    if until.isdigit() and int(until) > int(db.value("clock")):
        raise SiteNotReadyError(
            "an upgrade of Moodle is running, and Greffe's tables are not there yet",
            todo="Let the upgrade end, then run the same command again.",
        )
