"""Greffe's own tables: made at first use, refused where they are not as this Greffe knows them."""

from __future__ import annotations

import time

from greffe.errors import DatabaseError, SiteNotReadyError, TransientDatabaseError
from greffe.moodle import statements
from greffe.moodle.database import Database
from greffe.moodle.owntables import installed, refuse_elsewhere
from greffe.moodle.presence import refuse_without_moodle
from greffe.moodle.siteconfig import site_config

SCHEMA = "2"
"""What this Greffe works with. A step that leads there from the one before is in sql/own/*/migrations."""

RESTORING = "restoring"
"""What stands in its place while a backup is being restored."""

_TRIES = 5


def stored_version(db: Database) -> str | None:
    """What stands in ``local_greffe_meta``, whatever it is; None where there is no such row, or none to be read."""
    try:
        version = db.value("schema_version")
    except TransientDatabaseError:  # says nothing about tables
        raise
    except DatabaseError:
        return None
    return None if version is None else str(version)


def has_tables(db: Database) -> bool:
    """Whether Greffe's tables are there, in a version that this Greffe knows. Raises SiteNotReadyError where they are, but not
    for this Greffe: set aside, unreadable, of another version, half changed, half restored."""
    version = stored_version(db)
    if version is None:
        refuse_elsewhere(db)
        return False
    if version != SCHEMA:
        raise unfit(db, version)
    return True


def unfit(db: Database, version: str) -> SiteNotReadyError:
    """Why tables of this version are none to work with, and what to do."""
    if version == RESTORING:
        return SiteNotReadyError(
            "a restore of Greffe's tables has begun and has not ended",
            todo="Run the same `greffe restore FILE` again: it begins anew.",
        )
    before, under_way, after = version.partition(">")
    newest = after or before
    if not newest.isdecimal() or int(newest) > int(SCHEMA):
        todo = "Install the Greffe that made them, or a newer one."
    elif installed(db):
        todo = "They are Moodle's plugin's: copy this Greffe's plugin into Moodle, and run Moodle's admin/cli/upgrade.php."
    elif under_way:
        todo = "Run `greffe migrate`: it goes on where it stopped."
    else:
        todo = "Make a backup with the Greffe that made them, then run `greffe migrate`."
    if under_way:
        return SiteNotReadyError(
            f"the change of Greffe's tables from schema {before} to {after} has begun and has not ended",
            todo=todo,
        )
    return SiteNotReadyError(
        f"Greffe's tables are of schema {version}; this Greffe knows schema {SCHEMA}", todo=todo
    )


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
    until = site_config(db, ["upgraderunning"]).get("upgraderunning", "")
    if until.isdigit() and int(until) > int(db.value("clock")):
        raise SiteNotReadyError(
            "an upgrade of Moodle is running, and Greffe's tables are not there yet",
            todo="Let the upgrade end, then run the same command again.",
        )
