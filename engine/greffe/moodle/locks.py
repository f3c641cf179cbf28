"""Moodle's own task locks, held while Greffe writes, and the lock that keeps a second Greffe away.

Whoever holds the lock of a scheduled task keeps Moodle's cron from starting it: cron simply skips the task until the
lock is free. The keys are Moodle's (``lib/classes/lock/*_lock_factory.php``; moodle-writes §12.3). Locks of the
database belong to a session, so they are taken on the very connection that writes, and are gone with it.
"""

from __future__ import annotations

import secrets
import time
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import sha1
from typing import Any, Self

import msgspec

from greffe.config.amounts import seconds
from greffe.config.moodle import Moodle
from greffe.errors import DatabaseError, SiteNotReadyError, TransientDatabaseError
from greffe.moodle.database import Database, Settings
from greffe.moodle.filelocks import FileLock
from greffe.moodle.settings import LockSettings, locks_of

#: scheduled tasks by the enrolment method that they keep in step
TASKS = {
    "database": r"\enrol_database\task\sync_enrolments",
    "cohort": r"\enrol_cohort\task\enrol_cohort_sync",
    "meta": r"\enrol_meta\task\enrol_meta_sync",
    "manual": r"\enrol_manual\task\sync_enrolments",
    "self": r"\enrol_self\task\sync_enrolments",
    "flatfile": r"\enrol_flatfile\task\flatfile_sync_task",
}
#: how long a row of lock_db is ours, in seconds: longer than any night, shorter than Moodle's own day
_RECORD_LIFE = 6 * 3600
_PAUSE = 0.1


class Key(msgspec.Struct, frozen=True):
    """The key of a lock that lives in the database."""

    key1: str | int
    key2: int = 0


def task_key(engine: str, site: str, task: str) -> Key:
    """The key under which Moodle itself locks a task; ``site`` is ``<dbname>:<prefix>``."""
    return _key(engine, site, f"cron_{task}")


def own_key(engine: str, site: str) -> Key:
    """The key of Greffe's own lock for a site."""
    return _key(engine, site, "greffe_run")


def _key(engine: str, site: str, resource: str) -> Key:
    # SHA-1 and CRC-32 since these are Moodle's keys; nothing secret is guarded by them
    if engine == "mariadb":
        return Key(sha1(f"{site}_{resource}".encode()).hexdigest())  # noqa: S324
    crc = zlib.crc32(site.encode())
    return Key(crc - (1 << 32) if crc >= 1 << 31 else crc, int(sha1(resource.encode()).hexdigest()[:7], 16))  # noqa: S324


class SiteLocks:
    """All locks of one run. ``with SiteLocks(db, config.moodle, settings): …`` holds them for the block.

    ``db`` must be the connection that writes. ``methods`` are those whose Moodle task has to stay still.
    """

    def __init__(
        self, db: Database, moodle: Moodle, settings: Settings, methods: Sequence[str] = ("database",)
    ) -> None:
        self._db = db
        self._wait = float(seconds(moodle.lock_wait))
        self._how: LockSettings = locks_of(moodle)
        self._tasks = [TASKS[m] for m in methods]
        self._own = own_key(db.engine, f"{settings.name}:{settings.prefix}")
        self._owner = "greffe-" + secrets.token_hex(15)[:29]
        self._keys: list[Key] = []
        self._records: list[str] = []
        self._files: list[FileLock] = []

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def acquire(self, wait: float | None = None) -> None:
        """Take every lock within ``wait`` seconds (default: ``lock_wait``).

        Raises SiteNotReadyError that names the lock and who may hold it; none is held then.
        """
        until = time.monotonic() + (self._wait if wait is None else wait)
        try:
            self._take_all(until)
        except BaseException:
            self.release()
            raise

    def _take_all(self, until: float) -> None:
        if not self._until(until, lambda: self._take(self._own)):
            raise SiteNotReadyError(
                f"another greffe is at work on this site{self._holder(self._own)}",
                todo="Wait until it has ended (`greffe runs` shows it), then start again.",
            )
        for task in self._tasks:
            if not self._until(until, self._attempt(task)):
                raise SiteNotReadyError(
                    f"Moodle's task {task} holds its lock{self._running(task)}",
                    todo="Moodle's own sync is running now: start again when it has ended. Greffe's night and that task "
                    "do the same work; one of them should be off (Site administration > Server > Tasks).",
                )

    def still_held(self) -> bool:
        """Whether every lock is still ours: to be asked in each transaction before it writes.

        One cheap statement (two more where Moodle locks by rows of ``lock_db``).
        """
        if not self._keys or not all(f.still_held() for f in self._files):
            return False
        params = {
            f"lock{n}_{name}": value
            for n, key in enumerate(self._keys)
            for name, value in _params(key).items()
        }
        text = self._db.text("locks_held", each=tuple(range(len(self._keys))))
        try:
            with self._db.impatient():
                held = self._db.run_text(text, **params)
                return held[0][0] == len(self._keys) and self._records_held()
        except TransientDatabaseError:
            raise
        except DatabaseError:
            return False  # the connection is gone, and the locks with it

    def _records_held(self) -> bool:
        if not self._records:
            return True
        now = int(self._db.value("clock"))
        mine = self._db.value("lock_records_held", records=self._records, owner=self._owner, now=now)
        return bool(mine == len(self._records))

    def release(self) -> None:
        """Give everything back; never raises: a lock that was lost needs no giving back."""
        while self._files:
            self._files.pop().release()
        with suppress(DatabaseError):
            while self._records:
                self._db.execute("give_lock_record_back", record=self._records.pop(), owner=self._owner)
            while self._keys:
                self._db.query("give_lock_back", **_params(self._keys.pop()))
        self._records.clear()
        self._keys.clear()

    # -- one lock ------------------------------------------------------------------------------------------
    def _attempt(self, task: str) -> Callable[[], bool]:
        if self._how.factory == "db_record":
            return lambda: self._take_record(f"cron_{task}")
        if self._how.factory == "file":
            return lambda: self._take_file(f"cron_{task}")
        key = task_key(self._db.engine, self._how.site, task)
        return lambda: self._take(key)

    def _take(self, key: Key) -> bool:
        # both engines let a session take its own lock twice; then it would have to be given back twice
        if key not in self._keys:
            if self._db.value("take_lock", **_params(key)) != 1:
                return False
            self._keys.append(key)
        return True

    def _take_record(self, record: str) -> bool:
        if not self._db.query("lock_record", record=record):
            with suppress(TransientDatabaseError):  # Moodle made the row in between
                self._db.execute("add_lock_record", record=record)
        now = int(self._db.value("clock"))
        taken = self._db.execute(
            "take_lock_record", record=record, owner=self._owner, now=now, expires=now + _RECORD_LIFE
        )
        if taken:
            self._records.append(record)
        return bool(taken)

    def _take_file(self, resource: str) -> bool:
        lock = FileLock(self._how.root, resource)
        if lock.take():
            self._files.append(lock)
            return True
        return False

    @staticmethod
    def _until(until: float, attempt: Callable[[], bool]) -> bool:
        while not attempt():
            if time.monotonic() >= until:
                return False
            time.sleep(_PAUSE)
        return True

    # -- for the message -----------------------------------------------------------------------------------
    def _holder(self, key: Key) -> str:
        rows = self._db.query("lock_holder", **_params(key))
        if not rows or rows[0][0] is None:
            return ""
        number, _program, since = rows[0]
        return f" (database connection {number}" + (f", since {_clock(since)})" if since else ")")

    def _running(self, task: str) -> str:
        for _disabled, since, host, pid in self._db.query("task_state", task=task):
            if since:
                return f": it runs since {_clock(since)} on {host or 'an unknown host'} (process {pid or 'unknown'})"
        return "; Moodle does not say who runs it"


def _params(key: Key) -> dict[str, Any]:
    return msgspec.structs.asdict(key)


def _clock(since: Any) -> str:
    return time.strftime("%H:%M:%S", time.localtime(int(since)))
