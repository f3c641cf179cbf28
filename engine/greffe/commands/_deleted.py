"""People whose account is deleted: nothing of theirs is any sync's business, neither Moodle's nor Greffe's."""

from __future__ import annotations

from collections.abc import Collection

from greffe.apply.rows import parts
from greffe.moodle.database import Database

_TOGETHER = 5000
"""People in one statement: a plan may be made on a server that takes small ones alone (max_allowed_packet)."""


def deleted_of(db: Database, people: Collection[int]) -> set[int]:
    """Those of these people."""
    return {
        int(user) for part in parts(people, _TOGETHER) for (user,) in db.query("deleted_people", users=part)
    }
