"""Dirty flags: how a running session learns that somebody's rights changed (moodle-writes §0.4).

Readers ignore a flag that is older than their session's last load. A transaction's rows are seen only at its commit,
so a flag is stamped ahead of the clock by more than a transaction may last; within that time the same person needs
no second flag.
"""

from __future__ import annotations

from collections.abc import Collection

from greffe.moodle.database import Database

#: longest that a transaction should last, in seconds
TRANSACTION_LIMIT = 20
_AHEAD = 3 * TRANSACTION_LIMIT
_PART = 2000


class DirtyFlags:
    """The flags of one run."""

    def __init__(self, db: Database, session_timeout: int) -> None:
        self._db = db
        self._timeout = session_timeout
        self._stamped: dict[int, int] = {}

    def raise_for(self, users: Collection[int], now: int) -> dict[int, int]:
        """Flag these people in the open transaction; returns what to remember once it is committed."""
        due = [u for u in users if self._stamped.get(u, 0) < now + TRANSACTION_LIMIT]
        stamp, expiry = now + _AHEAD, now + _AHEAD + self._timeout
        due.sort()
        for start in range(0, len(due), _PART):
            names = [str(u) for u in due[start : start + _PART]]
            there = self._db.query("dirty_flags", names=names)
            if there:
                self._db.execute("refresh_dirty_flags", ids=[r[0] for r in there], stamp=stamp, expiry=expiry)
            known = {str(r[1]) for r in there}
            missing = [n for n in names if n not in known]
            if missing:
                self._db.insert("add_dirty_flags", {"name": missing}, stamp=stamp, expiry=expiry)
        return dict.fromkeys(due, stamp)

    def remember(self, stamped: dict[int, int]) -> None:
        """The transaction that raised them is committed."""
        self._stamped.update(stamped)

    def refresh(self, users: Collection[int], now: int) -> None:
        """Flag again after a transaction that lasted longer than its flags reach ahead."""
        for user in users:
            self._stamped.pop(user, None)
        self.remember(self.raise_for(users, now))
