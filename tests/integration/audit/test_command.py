"""``greffe audit`` as it is typed: exit codes, documents, what is kept, what a replica and a slow audit come to."""

from __future__ import annotations

import json
import re
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from greffe.errors import Exit
from greffe.moodle.database import Database
from tests.integration.audit.campus import Campus
from tests.integration.audit.plants import PLANTS
from tests.integration.commandline import HOSTILE, Site
from tests.lab.site import MoodleSite


@pytest.fixture
def campus(site: Site, db: Database) -> Campus:
    """In order, and Greffe ran there."""
    made = Campus(site.site, db)
    made.greffe()
    return made


def names(report: Any) -> list[str]:
    """Audits that found something, in the report's order."""
    return [o["audit"]["name"] for o in report["audits"] if o["amount"]]


def test_exit_codes_follow_the_gravest_finding(site: Site, campus: Campus) -> None:
    code, report = site.json("audit")
    assert (code, names(report)) == (Exit.DONE, [])
    assert len(report["audits"]) == len(PLANTS)
    PLANTS["duplicate_flags"](campus)  # no more than an information
    assert site.json("audit")[0] == Exit.DONE
    PLANTS["runs_without_end"](campus)
    assert site.json("audit")[0] == Exit.FOUND_WARNINGS
    PLANTS["roles_of_missing_role"](campus)
    code, report = site.json("audit")
    assert code == Exit.FOUND_ERRORS
    assert names(report)[:2] == ["roles_of_missing_role", "runs_without_end"]
    assert site.json("audit", "--only", "runs_without_end")[0] == Exit.FOUND_WARNINGS
    assert names(site.json("audit", "--severity", "error")[1]) == ["roles_of_missing_role"]


def test_the_health_page_and_monitoring_hear_of_it(site: Site, campus: Campus) -> None:
    PLANTS["roles_of_missing_role"](campus)
    code, out = site("audit")
    assert code == Exit.FOUND_ERRORS
    assert "roles_of_missing_role: 1" in out
    rows = campus.site.fetch(
        "SELECT audit, severity, amount, examples FROM {local_greffe_finding} WHERE amount > 0"
    )
    assert [(r["audit"], r["severity"], r["amount"]) for r in rows] == [("roles_of_missing_role", "error", 1)]
    assert json.loads(rows[0]["examples"])[0]["roleid"] == 44444
    _, health = site("health", "--json")
    drift = {c["name"]: c for c in json.loads(health)["checks"]}["drift"]
    assert (drift["status"], "roles_of_missing_role" in drift["text"]) == (2, True)

    campus.site.execute("DELETE FROM {role_assignments} WHERE roleid = 44444")
    site("audit")
    _, health = site("health", "--json")
    assert {c["name"]: c["status"] for c in json.loads(health)["checks"]}["drift"] == 0


def test_nothing_is_kept_where_nobody_wants_it_or_nobody_can(site: Site, campus: Campus) -> None:
    kept = "SELECT COUNT(*) AS n FROM {local_greffe_finding}"
    assert not site.json("audit", "--no-record")[1]["recorded"]
    with read_only(campus.site):
        code, report = site.json("audit")
    assert (code, report["recorded"]) == (Exit.DONE, False)
    assert report["notes"] == ["This server is read-only: nothing is recorded."]
    assert len(report["audits"]) == len(PLANTS)
    assert campus.site.fetch(kept)[0]["n"] == 0


@contextmanager
def read_only(site: MoodleSite) -> Iterator[None]:
    """The server takes no writes, as a replica."""
    on, off = (
        ("SET GLOBAL read_only = 1", "SET GLOBAL read_only = 0")
        if site.engine == "mariadb"
        else (
            f"ALTER DATABASE {site.dbname} SET default_transaction_read_only = on",
            f"ALTER DATABASE {site.dbname} RESET default_transaction_read_only",
        )
    )
    connection = site.connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute(on)
            yield
            cursor.execute(off)
    finally:
        connection.close()


def test_where_greffe_never_ran(site: Site, db: Database) -> None:
    code, report = site.json("audit")
    assert code == Exit.DONE
    assert "owned_rows_unexplained" in report["left_out"]
    assert not report["recorded"]
    assert "no tables here yet" in report["notes"][0]
    assert len(report["audits"]) + len(report["left_out"]) == len(PLANTS)


def test_an_audit_that_takes_too_long_is_ended_and_the_others_go_on(site: Site, campus: Campus) -> None:
    """Somebody locks a table; the server ends the statements that wait for it."""
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        connection = campus.site.connect(autocommit=False)
        name = campus.db.quote("cache_flags")
        with connection.cursor() as cursor:
            cursor.execute(
                f"LOCK TABLES {name} WRITE"
                if campus.site.engine == "mariadb"
                else f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE"
            )
            locked.set()
            done.wait(60)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    locked.wait(10)
    try:
        code, report = site.json("audit", "--time-limit", "1s")
    finally:
        done.set()
        thread.join()
    assert code == Exit.FOUND_WARNINGS
    failed = {o["audit"]["name"]: o["error"] for o in report["audits"] if o["error"]}
    assert failed == dict.fromkeys(("stale_dirty_flags", "duplicate_flags"), "it took longer than 1 s")
    assert len(report["audits"]) == len(PLANTS)


def test_the_page_is_one_private_file_without_scripts(site: Site, campus: Campus, tmp_path: Path) -> None:
    for name in ("courses_nobody_can_enter", "roles_of_missing_role"):
        PLANTS[name](campus)
    campus.site.execute("UPDATE {course} SET shortname = %s WHERE shortname = 'D'", HOSTILE)
    site("audit")
    campus.site.execute("UPDATE {local_greffe_finding} SET timecreated = timecreated - 86400")
    file = tmp_path / "audits.html"
    code, out = site("audit", "--html", str(file), "--limit", "1")
    assert code == Exit.FOUND_ERRORS
    assert str(file) in out
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    page = file.read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r"(?:src|href)=", page)
    assert page.count('<svg viewBox="0 0 100 10"') == 4
    assert page.count("<rect", page.index('class="time"')) >= 4  # two moments, two severities each
    assert "greffe sql courses_nobody_can_enter" in page


def test_names_that_are_no_audits(site: Site) -> None:
    code, error = site.json("audit", "--only", "nonsense")
    assert code == Exit.USAGE
    assert "meta_loops" in error["todo"]
    code, listed = site("audit", "--list")
    assert code == Exit.DONE
    assert all(name in listed for name in PLANTS)
    assert site.json("audit", "--list", "--severity", "critical") == (Exit.DONE, [])


def test_every_audit_runs_by_hand(site: Site, campus: Campus) -> None:
    """As ``greffe sql`` prints it, with nothing filled in."""
    PLANTS["duplicate_roles"](campus)
    for name in PLANTS:
        code, text = site("sql", name)
        assert code == Exit.DONE
        assert "-- mend: " in text
        assert re.search(r"[{}]|(?<!:):[a-z]", re.sub(r"--.*", "", text)) is None, text
        rows = campus.site.fetch(text.strip().rstrip(";"))
        assert bool(rows) == (name == "duplicate_roles"), name
