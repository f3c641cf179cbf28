"""``greffe migrate``: Greffe's own tables, as an older Greffe left them, become those that this one works with."""

from __future__ import annotations

from collections.abc import Sequence

from greffe.apply import migrations
from greffe.apply.migrations import Step
from greffe.apply.schema import RESTORING, SCHEMA, stored_version, unfit
from greffe.commands._session import open_site
from greffe.commands.plugin import Handling
from greffe.config import Config
from greffe.errors import DatabaseError, TransientDatabaseError
from greffe.moodle.database import Database
from greffe.moodle.owntables import installed, refuse_elsewhere

_RIGHT = (
    "Let an account that may change these tables do this (PostgreSQL: their owner; MariaDB: ALTER, CREATE, INDEX and DROP on "
    "them); `--dry-run` prints the statements. Then run the same command again: it goes on."
)


def migrate(config: Config, *, dry_run: bool = False, known: Sequence[Step] | None = None) -> Handling:
    """Take every step from the tables' schema to this Greffe's; ``dry_run``: only say how. ``known``: other steps than this
    Greffe's own.

    Raises SiteNotReadyError where the tables are newer than this Greffe, half restored, or Moodle's plugin's to change; and
    while another Greffe is at work.
    """
    with open_site(config) as session, session.locked(()):
        db = session.db
        version = stored_version(db)
        if version is None:
            refuse_elsewhere(db)
            return Handling(next="Greffe has no tables here yet: the first night makes them.")
        ways = migrations.own_steps(db.engine) if known is None else known
        target = ways[-1].leads_to if ways else int(SCHEMA)
        if version == str(target):
            return Handling(next=f"Greffe's tables have schema {version}, as this Greffe.")
        if _not_ours(db, version, target):
            raise unfit(db, version)
        rest = migrations.ahead(ways, version)
        handling = Handling([text for step in rest for text in step.texts(db)])
        if not dry_run:
            _take(db, rest)
            handling.done = True
            handling.next = "`greffe doctor` tells whether all is well."
        return handling


def _not_ours(db: Database, version: str, target: int) -> bool:
    """Whether nothing leads from these tables to ours, or it is somebody else who must change them."""
    newest = version.rpartition(">")[2]
    return version == RESTORING or not newest.isdecimal() or int(newest) > target or installed(db)


def _take(db: Database, rest: Sequence[Step]) -> None:
    try:
        for step in rest:
            migrations.take(db, step)
    except TransientDatabaseError:
        raise
    except DatabaseError as e:
        raise type(e)(str(e), todo=_RIGHT) from e
