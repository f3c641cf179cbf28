"""Rows and tables that somebody else holds: waited for, up to a bound; a deadlock ends in a second try."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from greffe.errors import BusyDatabaseError, Exit
from greffe.moodle import patience
from tests.faults.campus import Campus
from tests.faults.raced import COURSES, PEOPLE, Raced
from tests.faults.tally import Tally
from tests.faults.trial import Trial
from tests.lab.site import MoodleSite

HELD = 7
"""Seconds: more than a single wait, less than all tries together."""


@contextmanager
def other(site: MoodleSite) -> Iterator[Any]:
    """Somebody else's transaction."""
    connection = site.connect(autocommit=False)
    try:
        yield connection
    finally:
        connection.close()


def run(connection: Any, sql: str, *values: object) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return list(cursor.fetchall()) if cursor.description else []


def test_a_row_held_for_long_is_waited_for(nights: Raced) -> None:
    nights.night()
    nights.deliver(range(1, PEOPLE))
    first = nights.number("user", "username", "u0")
    with other(nights.site) as somebody:
        run(somebody, "SELECT id FROM mdl_user_enrolments WHERE userid = %s FOR UPDATE", first)
        timer = threading.Timer(HELD, somebody.rollback)
        timer.start()
        try:
            result = nights.night()
        finally:
            timer.join()
    assert result.exit is Exit.DONE
    assert result.applied.retries >= 1
    assert result.counts == {"remove-role": COURSES, "suspend": COURSES}


def test_a_row_held_too_long_ends_the_night_with_a_word(campus: Campus, tally: Tally, long: bool) -> None:
    """In a long run all tries are waited for, else two of them."""
    if not long:
        campus.patch.setattr(patience, "_TRIES", 2)
    count = tally.of("lock held too long", campus.site.engine)
    trial = Trial(campus, count)
    campus.reset()
    after = trial.target["user_enrolments"]
    row = max(n for n, old in campus.base["user_enrolments"].items() if after.get(n) != old)
    with other(campus.site) as somebody:
        run(somebody, "SELECT id FROM mdl_user_enrolments WHERE id = %s FOR UPDATE", row)
        with pytest.raises(BusyDatabaseError) as caught:
            campus.night()
    assert "lock" in str(caught.value).lower()
    assert "holds" in caught.value.todo
    assert 0 < trial.told() < trial.size
    trial.judge("lock held too long")


@pytest.mark.parametrize("table", ["run", "feed", "scope", "waiting"])
def test_a_lock_on_greffes_own_tables_is_waited_for(campus: Campus, tally: Tally, table: str) -> None:
    """A backup or a DBA locks one of them while a night is under way."""
    trial = Trial(campus, tally.of("own table locked", campus.site.engine))
    campus.reset()
    mariadb = campus.site.engine == "mariadb"
    name = f"mdl_local_greffe_{table}"
    with other(campus.site) as somebody:
        run(somebody, f"LOCK TABLES {name} WRITE" if mariadb else f"LOCK TABLE {name}")
        release = (lambda: run(somebody, "UNLOCK TABLES")) if mariadb else somebody.rollback
        timer = threading.Timer(HELD, release)
        timer.start()
        try:
            assert campus.night().exit is Exit.DONE
        finally:
            timer.join()
    assert trial.told() == trial.size
    trial.judge(table)


def test_the_row_of_the_run_is_held_when_it_ends(nights: Raced) -> None:
    with other(nights.site) as somebody:
        timer = threading.Timer(HELD, somebody.rollback)

        def hold() -> None:
            run(somebody, "SELECT id FROM mdl_local_greffe_run FOR UPDATE")
            timer.start()

        nights.between(hold, when=2)
        try:
            result = nights.night()
        finally:
            timer.join()
    assert result.exit is Exit.DONE
    assert [r["state"] for r in nights.site.fetch("SELECT state FROM {local_greffe_run}")] == ["done"]


def test_what_a_person_has_elsewhere_is_not_held(nights: Raced) -> None:
    """His role somewhere else, given by hand, is being written by somebody while the night gives him one here."""
    nights.night()
    user = nights.number("user", "username", "u3")
    nights.site.execute("DELETE FROM {role_assignments} WHERE userid = %s", user)
    elsewhere = nights.site.insert("role_assignments", roleid=5, contextid=1, userid=user)
    with other(nights.site) as somebody:
        run(somebody, "UPDATE mdl_role_assignments SET timemodified = 5 WHERE id = %s", elsewhere)
        result = nights.night()
        somebody.rollback()
    assert result.applied.retries == 0
    assert result.counts == {"assign-role": COURSES}


def test_a_deadlock_is_tried_again(campus: Campus, tally: Tally) -> None:
    """Somebody locks two rows of one transaction in the opposite order; the engine ends Greffe's transaction."""
    count = tally.of("deadlock", campus.site.engine)
    trial = Trial(campus, count)
    campus.reset()
    first, second = _ends(campus, trial)
    before, failed = _deadlocks(campus.site), []
    with other(campus.site) as somebody:
        if campus.site.engine == "mariadb":  # InnoDB ends the transaction that wrote less
            run(somebody, "UPDATE mdl_config SET value = CONCAT(value, ' ')")
            run(somebody, "UPDATE mdl_user SET lastname = CONCAT(lastname, ' ')")
        else:  # PostgreSQL ends the one that looks first
            run(somebody, "SET deadlock_timeout = '20s'")
        run(somebody, "SELECT id FROM mdl_user_enrolments WHERE id = %s FOR UPDATE", second)

        def cross() -> None:
            try:
                _until_greffe_waits(campus.site)
                run(somebody, "SELECT id FROM mdl_user_enrolments WHERE id = %s FOR UPDATE", first)
                somebody.rollback()
            except Exception as e:
                failed.append(e)
                somebody.rollback()

        thread = threading.Thread(target=cross)
        thread.start()
        try:
            result = campus.night()
        finally:
            thread.join()
    assert failed == []
    assert result.exit is Exit.DONE
    assert result.applied.retries >= 1
    assert _deadlocks(campus.site) > before
    trial.judge("deadlock")


def _ends(campus: Campus, trial: Trial) -> tuple[int, int]:
    """Two enrolments that the night's first transaction locks, in its order."""
    changed = sorted(
        (row["enrolid"], row["userid"], number)
        for number, row in campus.base["user_enrolments"].items()
        if trial.target["user_enrolments"].get(number) != row
    )
    (one, _, first), (two, _, second) = changed[:2]
    assert one == two
    return first, second


def _until_greffe_waits(site: MoodleSite) -> None:
    ask = (
        "SELECT COUNT(*) AS n FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"
        if site.engine == "mariadb"
        else "SELECT COUNT(*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    until = time.monotonic() + 30
    while not site.fetch(ask)[0]["n"]:
        assert time.monotonic() < until, "Greffe never met the lock"
        time.sleep(0.15)  # InnoDB shows a stale picture to whoever looks again within a tenth of a second


def _deadlocks(site: MoodleSite) -> int:
    """How many the engine has counted."""
    if site.engine == "mariadb":
        return int(site.fetch("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")[0]["Value"])
    time.sleep(1.1)  # statistics arrive late
    found = site.fetch("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    return int(found[0]["deadlocks"])
