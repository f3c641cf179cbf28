"""Nights that go wrong in the middle: killed, disturbed, raced. The next one finishes, and nothing is there twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from greffe.apply.execute import Executor
from greffe.commands import nightly as module
from greffe.commands.apply import apply
from greffe.commands.plan import plan
from greffe.commands.undo import undo
from greffe.errors import ConfigError, DatabaseError, Exit, SiteNotReadyError, StalePlanError
from tests.integration.nights import PASSWORD, Nights
from tests.lab.site import MoodleSite

PEOPLE = 120
COURSES = 6
KILLS = 10

CHILD = """
import json, sys
from greffe.commands.nightly import nightly
from greffe.config import parse
from greffe.errors import GreffeError
print("ready", flush=True)
try:
    result = nightly(parse(json.load(sys.stdin), "test.toml"))
except GreffeError as e:
    print(type(e).__name__, e, flush=True)
    sys.exit(e.exit)
sys.exit(result.exit)
"""


@dataclass
class Raced(Nights):
    """Nights into whose middle something can be put."""

    patch: pytest.MonkeyPatch = field(default_factory=pytest.MonkeyPatch)


@pytest.fixture
def nights(moodle_site: MoodleSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Raced:
    moodle_site.add_users([{"username": f"u{n}", "idnumber": f"u{n}"} for n in range(PEOPLE)])
    moodle_site.add_courses([{"shortname": f"C{n}", "idnumber": f"C{n}"} for n in range(COURSES)])
    nights = Raced(moodle_site, tmp_path, patch=monkeypatch)
    nights.rule("ip", group="{{ td }}", leavers="suspend-no-roles")
    nights.more = {
        "moodle": {"transaction_rows": 40},
        "guards": {
            "feed": {"suspensions": "none", "removals": "none", "at_most": 10**6, "emptied": "none"},
            "scope": {"suspensions": "none", "removals": "none", "everybody_above": 10**6},
        },
    }
    deliver(nights, range(PEOPLE))
    return nights


def deliver(nights: Nights, people: range) -> None:
    rows = [f"u{n};C{c};TD{n % 3}" for c in range(COURSES) for n in people]
    nights.feed("ip", "who;course;td", rows, shrink="none")


@contextmanager
def child(nights: Nights) -> Iterator[subprocess.Popen[str]]:
    """`nightly` in a process of its own, ready to start working."""
    config = nights.config()
    moodle = {
        "type": config.moodle.type, "host": config.moodle.host, "port": config.moodle.port, "name": config.moodle.name,
        "user": config.moodle.user, "password": {"env": PASSWORD}, "prefix": config.moodle.prefix,
    } | nights.more.get("moodle", {})  # fmt: skip
    rest = {k: v for k, v in nights.more.items() if k != "moodle"}
    raw = {"moodle": moodle, "feed": nights.feeds, "course": nights.rules, **rest}
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.stdin.write(json.dumps(raw))
    process.stdin.close()
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def state(nights: Nights) -> Any:
    return nights.enrolments(), nights.roles(), nights.members()


def journal_is_complete(nights: Nights) -> bool:
    """Every row of the method has the journal row that tells of its birth, and none has two."""
    site = nights.site
    pairs = []
    for table, action in (
        ("user_enrolments", "enrol"),
        ("role_assignments", "assign-role"),
        ("groups_members", "join-group"),
    ):
        rows = [r["id"] for r in site.fetch("SELECT id FROM {" + table + "} ORDER BY id")]
        told = site.fetch(
            "SELECT objectid FROM {local_greffe_change} WHERE action = %s ORDER BY objectid", action
        )
        objects = [r["objectid"] for r in told]
        pairs.append(set(rows) <= set(objects) and len(objects) == len(set(objects)))
    return all(pairs)


def nothing_is_double(nights: Nights) -> bool:
    roles, members = nights.roles(), nights.members()
    methods = nights.site.fetch("SELECT courseid FROM {enrol} WHERE enrol = 'database'")
    groups = [(g["courseid"], g["name"]) for g in nights.site.fetch("SELECT courseid, name FROM {groups}")]
    lists: list[list[Any]] = [roles, members, [m["courseid"] for m in methods], groups]
    return all(len(x) == len(set(x)) for x in lists)


# -- killed --------------------------------------------------------------------------------------------------
def test_a_run_killed_anywhere_leaves_whole_people_and_the_next_one_finishes(nights: Nights) -> None:
    chance = random.Random(7)
    killed = 0
    for _ in range(KILLS):
        with child(nights) as process:
            time.sleep(0.1)
            _when_writing(nights, chance.randint(1, 12), process)
            process.send_signal(signal.SIGKILL)
            killed += process.wait() == -signal.SIGKILL
        enrolments, roles, members = state(nights)
        assert sorted((c, u, "student") for c, u in enrolments) == roles
        assert sorted((c, u) for c, u in enrolments) == sorted((c, u) for c, _, u, _ in members)
        assert journal_is_complete(nights)
        if len(enrolments) == COURSES * PEOPLE:
            break
    assert killed
    result = nights.night()
    assert result.exit is Exit.DONE
    assert len(nights.enrolments()) == COURSES * PEOPLE
    assert nothing_is_double(nights)
    assert journal_is_complete(nights)
    assert plan(nights.config()).plan.size == 0
    states = [r["state"] for r in nights.site.fetch("SELECT state FROM {local_greffe_run} ORDER BY id")]
    assert "killed" in states
    assert states[-1] == "done"


def _when_writing(nights: Nights, transactions: int, process: subprocess.Popen[str]) -> None:
    """Wait until so many more transactions are committed."""

    def changes() -> int:
        try:
            return int(nights.site.fetch("SELECT COUNT(*) AS n FROM {local_greffe_change}")[0]["n"])
        except Exception:  # the tables are not there yet
            return 0

    before, until = changes(), time.monotonic() + 10
    while process.poll() is None and changes() < before + 40 * transactions and time.monotonic() < until:
        time.sleep(0.005)


def test_a_killed_run_can_be_taken_back_at_once(nights: Nights) -> None:
    with child(nights) as process:
        _when_writing(nights, 4, process)
        process.kill()
        process.wait()
    run = nights.site.fetch("SELECT id, state FROM {local_greffe_run}")[0]
    assert run["state"] == "running"
    done = undo(nights.config(), run["id"])
    assert done.refused == []
    assert state(nights) == ({}, [], [])


def test_sigterm_ends_a_run_between_two_transactions(nights: Nights) -> None:
    with child(nights) as process:
        _when_writing(nights, 2, process)
        process.terminate()
        assert process.wait() == Exit.INTERRUPTED
    assert nights.site.fetch("SELECT state FROM {local_greffe_run}")[0]["state"] == "interrupted"
    assert journal_is_complete(nights)
    assert nights.night().exit is Exit.DONE
    assert len(nights.enrolments()) == COURSES * PEOPLE


def test_a_connection_that_is_cut_ends_in_a_clear_word(nights: Raced) -> None:
    _between(nights, lambda: _cut_others(nights.site), when=2)
    with pytest.raises((DatabaseError, SiteNotReadyError)):
        nights.night()
    _between(nights, None)
    assert journal_is_complete(nights)
    assert nights.night().exit is Exit.DONE
    assert len(nights.enrolments()) == COURSES * PEOPLE
    assert nothing_is_double(nights)


def test_two_nights_at_once_are_one_night(nights: Nights) -> None:
    with child(nights) as one, child(nights) as other:
        codes = {one.wait(), other.wait()}
    assert codes <= {Exit.DONE, Exit.NOT_READY}
    assert Exit.DONE in codes
    assert len(nights.enrolments()) == COURSES * PEOPLE
    assert nothing_is_double(nights)
    assert journal_is_complete(nights)


# -- raced: something happens after the plan and before a write ----------------------------------------------
def _between(nights: Raced, event: Callable[[], object] | None, when: int = 0) -> None:
    """Let something happen just before the transaction number ``when`` of the next night, which one writer writes."""
    nights.more["moodle"]["writers"] = 1

    class Disturbed(Executor):
        def transaction(self, work: Any, users: Any, db: Any = None) -> None:
            if event is not None and self.applied.transactions == when:
                event()
            super().transaction(work, users, db)

    nights.patch.setattr(module, "Executor", Disturbed)


def _cut_others(site: MoodleSite) -> None:
    if site.engine == "postgresql":
        site.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return
    for row in site.fetch(
        "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
    ):
        site.execute(f"KILL {row['id']}")


def _id(nights: Nights, table: str, column: str, value: str) -> int:
    return int(nights.site.fetch("SELECT id FROM {" + table + "} WHERE " + column + " = %s", value)[0]["id"])


def test_a_person_deleted_meanwhile_gets_nothing(nights: Raced) -> None:
    _between(nights, lambda: nights.site.execute("UPDATE {user} SET deleted = 1 WHERE username = 'u5'"))
    assert nights.night().state == "done"
    assert not [p for p in nights.enrolments() if p[1] == "u5"]
    assert not [r for r in nights.roles() if r[1] == "u5"]
    assert not [m for m in nights.members() if m[2] == "u5"]
    assert len(nights.enrolments()) == COURSES * (PEOPLE - 1)


@pytest.mark.parametrize("first", [True, False])
def test_a_course_deleted_meanwhile_gets_nothing(nights: Raced, first: bool) -> None:
    if not first:
        nights.night()
        deliver(nights, range(1, PEOPLE))
        nights.site.add_user("new", idnumber="new")
        rows = [f"new;C{c};TD1" for c in range(COURSES)] + [
            f"u{n};C{c};TD{n % 3}" for c in range(COURSES) for n in range(1, PEOPLE)
        ]
        nights.feed("ip", "who;course;td", rows)
    course = _id(nights, "course", "shortname", "C3")

    def delete() -> None:
        for sql in (
            "DELETE FROM {user_enrolments} WHERE enrolid IN (SELECT id FROM {enrol} WHERE courseid = %s)",
            "DELETE FROM {role_assignments} WHERE contextid IN (SELECT id FROM {context} WHERE contextlevel = 50 AND instanceid = %s)",
            "DELETE FROM {groups_members} WHERE groupid IN (SELECT id FROM {groups} WHERE courseid = %s)",
            "DELETE FROM {groups} WHERE courseid = %s",
            "DELETE FROM {enrol} WHERE courseid = %s",
            "DELETE FROM {context} WHERE contextlevel = 50 AND instanceid = %s",
            "DELETE FROM {course} WHERE id = %s",
        ):
            nights.site.execute(sql, course)

    _between(nights, delete)
    result = nights.night()
    assert result.exit is Exit.REFUSED
    assert {r.course for r in result.refused} == {"C3"}
    site = nights.site
    assert site.fetch("SELECT id FROM {enrol} WHERE courseid = %s", course) == []
    assert site.fetch("SELECT id FROM {groups} WHERE courseid = %s", course) == []
    orphans = (
        "SELECT ue.id FROM {user_enrolments} ue LEFT JOIN {enrol} e ON e.id = ue.enrolid WHERE e.id IS NULL"
    )
    assert site.fetch(orphans) == []
    lost = "SELECT ra.id FROM {role_assignments} ra LEFT JOIN {context} x ON x.id = ra.contextid WHERE x.id IS NULL"
    assert site.fetch(lost) == []
    _between(nights, None)
    assert nights.night().exit is Exit.DONE


def test_a_group_deleted_meanwhile_gets_nobody(nights: Raced) -> None:
    nights.night()
    nights.site.add_user("new", idnumber="new")
    rows = [f"u{n};C{c};TD{n % 3}" for c in range(COURSES) for n in range(PEOPLE)]
    nights.feed("ip", "who;course;td", [*rows, "new;C1;TD1"])
    course = _id(nights, "course", "shortname", "C1")
    group = int(
        nights.site.fetch("SELECT id FROM {groups} WHERE courseid = %s AND name = 'TD1'", course)[0]["id"]
    )

    def delete() -> None:
        nights.site.execute("DELETE FROM {groups_members} WHERE groupid = %s", group)
        nights.site.execute("DELETE FROM {groups} WHERE id = %s", group)

    _between(nights, delete)
    nights.night()
    assert nights.site.fetch("SELECT id FROM {groups_members} WHERE groupid = %s", group) == []
    _between(nights, None)
    assert nights.night().exit is Exit.DONE
    assert ("C1", "TD1", "new", "enrol_database") in nights.members()
    assert nothing_is_double(nights)


def test_a_row_that_somebody_else_just_made_is_not_made_twice(nights: Raced) -> None:
    course, user = _id(nights, "course", "shortname", "C2"), _id(nights, "user", "username", "u7")

    def enrol() -> None:
        enrol = nights.site.insert("enrol", enrol="database", courseid=course, sortorder=1)
        nights.site.insert("user_enrolments", enrolid=enrol, userid=user, timeend=0)
        nights.site.insert("groups", courseid=course, name="TD1")

    _between(nights, enrol)
    assert nights.night().exit is Exit.DONE
    assert len(nights.enrolments()) == COURSES * PEOPLE
    assert nothing_is_double(nights)


def test_a_row_held_for_long_is_waited_for(nights: Nights) -> None:
    nights.night()
    deliver(nights, range(1, PEOPLE))
    connection = nights.site.connect(autocommit=False)
    mark = "`" if nights.site.engine == "mariadb" else '"'
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM {mark}mdl_user_enrolments{mark} WHERE userid = %s FOR UPDATE",
            (_id(nights, "user", "username", "u0"),),
        )

    def let_go() -> None:
        connection.rollback()
        connection.close()

    timer = threading.Timer(7, let_go)
    timer.start()
    try:
        result = nights.night()
    finally:
        timer.join()
    assert result.exit is Exit.DONE
    assert result.applied.retries >= 1
    assert result.counts == {"remove-role": COURSES, "suspend": COURSES}


# -- plan files ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("old", "new"),
    [('"context":', '"context":1'), ('"enrol":', '"enrol":1'), ('"users":[', '"users":[2,'), ('"sources":[', '"sources":[4294967295,'), ('"feeds":["ip"', '"feeds":["no"'), ('"fingerprint":"', '"fingerprint":"0')],
)  # fmt: skip
def test_a_plan_file_changed_by_hand_is_refused(nights: Nights, old: str, new: str) -> None:
    nights.night()
    nights.site.add_user("new", idnumber="new")
    nights.feed(
        "ip",
        "who;course;td",
        [*(f"u{n};C{c};TD{n % 3}" for c in range(COURSES) for n in range(PEOPLE)), "new;C1;TD1"],
    )
    file = nights.directory / "tonight.plan"
    plan(nights.config(), out=file)
    before, text = state(nights), file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    with pytest.raises((StalePlanError, ConfigError)):
        apply(nights.config(), file)
    assert state(nights) == before
    file.write_text(text)
    assert apply(nights.config(), file).exit is Exit.DONE
    with pytest.raises(StalePlanError):
        apply(nights.config(), file)


def test_sigterm_before_the_first_write_is_an_interruption_too(nights: Nights, tmp_path: Path) -> None:
    config = nights.config().moodle
    file = tmp_path / "greffe.toml"
    file.write_text(
        f'[moodle]\ntype = "{config.type}"\nhost = "{config.host}"\nport = {config.port}\nname = "{config.name}"\n'
        f'user = "{config.user}"\npassword = {{ env = "{PASSWORD}" }}\nprefix = "mdl_"\n'
        f'[feed.ip]\ndsn = "postgresql://x@127.0.0.1:1/x"\nsql = "x"\npassword = {{ command = "sleep 15" }}\nperson = "who"\n[[course]]\nfeed = "ip"\ncourse = "{{{{ course }}}}"\n'
    )
    with subprocess.Popen(
        [sys.executable, "-m", "greffe", "-c", str(file), "nightly"], stderr=subprocess.PIPE, text=True
    ) as process:
        until = time.monotonic() + 20
        while time.monotonic() < until and not _running(nights):
            time.sleep(0.05)
        time.sleep(0.3)
        process.terminate()
        try:
            assert process.wait(20) == Exit.INTERRUPTED
        finally:
            process.kill()
    assert nights.site.fetch("SELECT state FROM {local_greffe_run}")[0]["state"] == "interrupted"


def _running(nights: Nights) -> bool:
    try:
        return bool(nights.site.fetch("SELECT id FROM {local_greffe_run}"))
    except Exception:  # the tables are not there yet
        return False
