"""Dirty flags: how a running session learns that somebody's rights changed (moodle-writes §0.4).

Readers ignore a flag that is older than their session's last load. So flags are there before the rows that they tell
of, and are stamped ahead of the clock by more than a transaction may last: whoever loads his rights until then loads
them again on his next page. Within that time the same person needs no second flag.
"""

from __future__ import annotations

import time
from collections.abc import Collection

from greffe.moodle.database import Database

#: longest that a transaction should last, in seconds
TRANSACTION_LIMIT = 20
_AHEAD = 3 * TRANSACTION_LIMIT
_PART = 2000
_USERS, _CONTEXTS = "accesslib/dirtyusers", "accesslib/dirtycontexts"


class DirtyFlags:
    """The flags of one run."""

    def __init__(self, db: Database, session_timeout: int) -> None:
        self._db = db
        self._timeout = session_timeout
        self._until: dict[int | str, float] = {}
        """Person (or path of a context) → when the flag stops reaching ahead, by this process' own clock."""

    def ensure(self, users: Collection[int], contexts: Collection[str] = ()) -> None:
        """See that the flags of these people, and of everybody in these contexts (by their paths), reach beyond a
        transaction that begins now; committed when this returns."""
        needed = time.monotonic() + TRANSACTION_LIMIT
        due = sorted(u for u in users if self._until.get(u, 0) < needed)
        paths = sorted(p for p in contexts if self._until.get(p, 0) < needed)
        if not due and not paths:
            return
        until = time.monotonic() + _AHEAD
        with self._db.transaction():
            now = int(self._db.value("clock"))
            stamp, expiry = now + _AHEAD, now + _AHEAD + self._timeout
            for start in range(0, len(due), _PART):
                self._raise(_USERS, [str(u) for u in due[start : start + _PART]], stamp, expiry)
            for start in range(0, len(paths), _PART):
                self._raise(_CONTEXTS, paths[start : start + _PART], stamp, expiry)
        self._until.update(dict.fromkeys([*due, *paths], until))

    def renew(self, users: Collection[int], contexts: Collection[str] = ()) -> None:
        """Flag again after a transaction that lasted longer than its flags may have reached."""
        for user in users:
            self._until.pop(user, None)
        for path in contexts:
            self._until.pop(path, None)
        self.ensure(users, contexts)

    def _raise(self, flagtype: str, names: list[str], stamp: int, expiry: int) -> None:
        there = self._db.query("dirty_flags", flagtype=flagtype, names=names)
        if there:
            self._db.execute("refresh_dirty_flags", ids=[r[0] for r in there], stamp=stamp, expiry=expiry)
        known = {str(r[1]) for r in there}
        missing = [n for n in names if n not in known]
        if missing:
            self._db.insert(
                "add_dirty_flags", {"name": missing}, flagtype=flagtype, stamp=stamp, expiry=expiry
            )
