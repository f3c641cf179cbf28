"""Moodle's task locks and Greffe's own, on real servers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from greffe.config.moodle import Moodle
from greffe.errors import SiteNotReadyError
from greffe.moodle.database import Database, Settings, connect
from greffe.moodle.filelocks import path_of
from greffe.moodle.locks import TASKS, SiteLocks, task_key
from tests.lab.site import MoodleSite

TASK = TASKS["database"]


@pytest.fixture
def other(settings: Settings) -> Iterator[Database]:
    db = connect(settings)
    yield db
    db.close()


def site(settings: Settings, **keys: object) -> Moodle:
    return Moodle(name=settings.name, prefix=settings.prefix, **keys)  # type: ignore[arg-type]


def moodle_takes(db: Database, settings: Settings) -> bool:
    """What Moodle's own lock factory asks of the database, in its own words."""
    key = task_key(db.engine, f"{settings.name}:{settings.prefix}", TASK)
    if db.engine == "mariadb":
        return bool(db.run_text("SELECT GET_LOCK(%(k)s, 0)", k=key.key1)[0][0])
    return bool(db.run_text("SELECT pg_try_advisory_lock(%(a)s, %(b)s)", a=key.key1, b=key.key2)[0][0])


def kill(db: Database, settings: Settings, killer: Database) -> None:
    if db.engine == "mariadb":
        number = db.run_text("SELECT CONNECTION_ID()")[0][0]
        killer.run_text(f"KILL {int(number)}")
    else:
        number = db.run_text("SELECT pg_backend_pid()")[0][0]
        killer.run_text("SELECT pg_terminate_backend(%(n)s)", n=number)
    time.sleep(0.1)


def test_moodle_is_kept_out_and_let_in_again(db: Database, other: Database, settings: Settings) -> None:
    with SiteLocks(db, site(settings), settings) as locks:
        assert locks.still_held()
        assert not moodle_takes(other, settings)
        before = db.statements
        with db.transaction():
            assert locks.still_held()
        assert db.statements == before + 2  # begin, and one question
    assert not locks.still_held()
    assert moodle_takes(other, settings)


def test_a_running_moodle_task_is_named(
    db: Database, other: Database, settings: Settings, moodle_site: MoodleSite
) -> None:
    moodle_site.execute("DELETE FROM {task_scheduled} WHERE classname = %s", TASK)
    moodle_site.insert(
        "task_scheduled", component="enrol_database", classname=TASK, disabled=0, timestarted=1_790_000_000, hostname="web1", pid=4711,
    )  # fmt: skip
    assert moodle_takes(other, settings)
    locks = SiteLocks(db, site(settings), settings)
    with pytest.raises(
        SiteNotReadyError, match=r"sync_enrolments holds its lock: it runs since .* on web1 \(process 4711\)"
    ):
        locks.acquire(0)
    assert not locks.still_held()
    # the own lock was given back too
    with SiteLocks(other, site(settings, lock_factory="db_record"), settings) as second:
        assert second.still_held()


def test_a_second_greffe_is_kept_out(db: Database, other: Database, settings: Settings) -> None:
    with SiteLocks(db, site(settings), settings) as first:
        second = SiteLocks(other, site(settings, lock_wait="0s"), settings)
        with pytest.raises(
            SiteNotReadyError, match=r"another greffe is at work on this site .database connection"
        ):
            second.acquire()
        assert first.still_held()
    with second:
        assert second.still_held()


def test_acquire_waits(db: Database, other: Database, settings: Settings) -> None:
    first = SiteLocks(db, site(settings), settings)
    first.acquire(0)
    timer = threading.Timer(0.4, first.release)
    timer.start()
    started = time.monotonic()
    with SiteLocks(other, site(settings, lock_wait="10s"), settings) as second:
        assert 0.3 < time.monotonic() - started < 5
        assert second.still_held()
    timer.join()


@pytest.mark.parametrize("factory", ["database", "db_record", "file"])
def test_a_lock_lost_with_its_connection_is_noticed(
    db: Database, other: Database, settings: Settings, factory: str, tmp_path: Path
) -> None:
    locks = SiteLocks(db, site(settings, lock_factory=factory, lock_root=str(tmp_path)), settings)
    locks.acquire(0)
    assert locks.still_held()
    kill(db, settings, other)
    assert not locks.still_held()
    locks.release()
    if factory == "database":
        assert moodle_takes(other, settings)
    # and the next Greffe gets in, whatever the killed one left behind
    with SiteLocks(other, site(settings, lock_factory=factory, lock_root=str(tmp_path)), settings) as again:
        assert again.still_held()


def test_a_lock_taken_away_is_noticed(db: Database, settings: Settings) -> None:
    locks = SiteLocks(db, site(settings), settings)
    locks.acquire(0)
    db.run_text("SELECT RELEASE_ALL_LOCKS()" if db.engine == "mariadb" else "SELECT pg_advisory_unlock_all()")
    assert not locks.still_held()


def test_locks_by_record(db: Database, settings: Settings, moodle_site: MoodleSite) -> None:
    cfg = site(settings, lock_factory="db_record")
    with SiteLocks(db, cfg, settings) as locks:
        (row,) = moodle_site.fetch("SELECT * FROM {lock_db}")
        assert row["resourcekey"] == "cron_" + TASK
        assert len(row["owner"]) == 36
        assert row["expires"] > time.time() + 3600
        # somebody who finds it expired takes it, as Moodle would
        moodle_site.execute("UPDATE {lock_db} SET owner = 'somebody'")
        assert not locks.still_held()
    (row,) = moodle_site.fetch("SELECT * FROM {lock_db}")
    assert row["owner"] == "somebody"
    with pytest.raises(SiteNotReadyError, match="holds its lock"):
        SiteLocks(db, cfg, settings).acquire(0)
    moodle_site.execute("UPDATE {lock_db} SET expires = 1")
    with SiteLocks(db, cfg, settings):
        pass
    (row,) = moodle_site.fetch("SELECT * FROM {lock_db}")
    assert row["owner"] is None
    assert row["expires"] is None


def test_locks_by_file(db: Database, settings: Settings, tmp_path: Path) -> None:
    root = tmp_path / "lock"
    tmp_path.chmod(0o2777)
    cfg = site(settings, lock_factory="file", lock_root=str(root))
    with SiteLocks(db, cfg, settings) as locks:
        file = path_of(str(root), "cron_" + TASK)
        assert file.name == "a08490399d3468fe2c929e8152542c19"
        assert (file.parent.stat().st_mode & 0o7777, file.stat().st_mode & 0o7777) == (0o2777, 0o666)
        assert locks.still_held()
        file.unlink()
        assert not locks.still_held()
    missing = site(settings, lock_factory="file", lock_root="/nowhere/at/all")
    with pytest.raises(SiteNotReadyError, match="/nowhere/at/all"):
        SiteLocks(db, missing, settings).acquire(0)
