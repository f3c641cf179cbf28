"""A night of tens of thousands of changes beside a Moodle in which people are at work."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.living.people import GROUP, STUDENT, Account, Api, Reader, Sql, known
from tests.living.web import Visitor, served
from tests.moodle.database import Database
from tests.moodle.greffe_side import CONFIG, Greffe
from tests.moodle.measure import populate, registrations
from tests.moodle.scenario import Row, Settings, load
from tests.moodle.site import Site, Sites

PEOPLE, COURSES = 2000, 40
GROUPED = CONFIG.replace("leavers =", f'group = "{GROUP}"\nleavers =') + "everybody_above = 1000000\n"
WAIT = 1.0
"""Seconds that a statement of Moodle's may wait."""


@pytest.mark.moodle
@pytest.mark.parametrize("version", ["4.5", pytest.param("5.1", marks=pytest.mark.long)])
def test_a_night_beside_people_at_work(
    version: str, moodles: Sites, tmp_path: Path, living: list[str], long: bool
) -> None:
    """50,000 changes: no write of theirs is lost, nobody meets an error, nothing is left twice after the next night."""
    site = moodles(version)
    site.reset({"dbtype": ""})  # else Moodle's own sync at a login would unenrol whom its table does not name
    site.debugging = False
    first = registrations(4000, PEOPLE, COURSES)
    rows = first[600:] + registrations(60_000 if long else 16_000, PEOPLE, COURSES, skip=4000)
    with site.database() as db:
        populate(db, PEOPLE, COURSES)
        known(db)
        greffe = Greffe(db, tmp_path, GROUPED)
        load(db, first)
        greffe.night(Settings())
        courses = [n for (n,) in db.query("SELECT id FROM mdl_course WHERE id > 1 ORDER BY id")]
        people = [n for (n,) in db.query("SELECT id FROM mdl_user WHERE username LIKE 'p0%' ORDER BY id")]
        with ExitStack() as stack:
            root = stack.enter_context(served(site))
            visitors = [_logged_in(root, name) for name in ("admin", "p0000001")]
            at_work: list[Api | Sql | Reader] = [
                stack.enter_context(Api(site, courses, people[0::3], 1)),
                stack.enter_context(Sql(site, courses, people[1::3], 2)),
                stack.enter_context(Sql(site, courses, people[2::3], 3)),
                stack.enter_context(Reader(visitors[0], courses, 4)),
            ]
            load(db, rows)
            began = time.monotonic()
            greffe.night(Settings())
            seconds = time.monotonic() - began
        accounts = [one.account for one in at_work]
        changes = _changes(db)
        twice = {table: _twice(db, table) for table in KEYS}
        living += _report(site, changes, seconds, accounts, twice)
        for account in accounts:
            assert account.errors == []
            assert account.counts.total() > 0
            _nothing_lost(db, account)
        greffe.night(Settings())
        assert {table: _twice(db, table) for table in KEYS} == dict.fromkeys(KEYS, 0)
        _in_step(db, rows)
        _nothing_lost(db, *accounts, suspended=False)
        assert changes >= 45_000
        assert max(a.longest for a in accounts[1:3]) < WAIT


KEYS = {
    "user_enrolments": "enrolid, userid",
    "role_assignments": "roleid, contextid, userid, component, itemid",
    "groups_members": "groupid, userid",
    "groups": "courseid, name",
    "enrol": "courseid, enrol",
    "cache_flags": "flagtype, name",
}
"""What may be there once."""


def _logged_in(root: str, username: str) -> Visitor:
    visitor = Visitor(root)
    visitor.log_in(username)
    return visitor


def _changes(db: Database) -> int:
    return int(db.query("SELECT COUNT(*) FROM mdl_local_greffe_change WHERE runid = (SELECT MAX(id) FROM mdl_local_greffe_run)")[0][0])  # fmt: skip


def _twice(db: Database, table: str) -> int:
    """Rows beyond the first of each key."""
    keys = f"SELECT COUNT(*) AS n FROM mdl_{table} GROUP BY {KEYS[table]} HAVING COUNT(*) > 1"
    if table == "enrol":
        keys = keys.replace("GROUP BY", "WHERE enrol IN ('manual', 'database') GROUP BY")
    return int(db.query(f"SELECT COALESCE(SUM(n - 1), 0) FROM ({keys}) AS t")[0][0])


def _nothing_lost(db: Database, *accounts: Account, suspended: bool = True) -> None:
    """What people wrote by hand stands as they left it."""
    enrolments = {
        (course, user): status
        for course, user, status in db.query(
            "SELECT e.courseid, ue.userid, ue.status FROM mdl_user_enrolments ue"
            " JOIN mdl_enrol e ON e.id = ue.enrolid AND e.enrol = 'manual'"
        )
    }
    roles: dict[tuple[int, int], list[int]] = {}
    for course, user, role in db.query(
        "SELECT x.instanceid, ra.userid, ra.roleid FROM mdl_role_assignments ra"
        " JOIN mdl_context x ON x.id = ra.contextid AND x.contextlevel = 50 WHERE ra.component = ''"
    ):
        roles.setdefault((course, user), []).append(role)
    members = set(db.query("SELECT groupid, userid FROM mdl_groups_members"))
    for account in accounts:
        lost = [
            (place, how, enrolments.get(place), roles.get(place))
            for place, how in account.expected.items()
            if (enrolments.get(place), roles.get(place, [])) != ((how[0], [how[1]]) if how else (None, []))
        ]
        assert lost == []
        assert set(account.collisions) <= members
        if suspended and account.suspended:
            ids = ",".join(map(str, account.suspended))
            # one that was suspended before the night looked is the night's to activate, which its journal then tells
            untold = db.query(
                f"SELECT id FROM mdl_user_enrolments WHERE id IN ({ids}) AND status = 0 AND id NOT IN"
                " (SELECT objectid FROM mdl_local_greffe_change WHERE action = 'reactivate')"
            )
            assert untold == []


def _in_step(db: Database, rows: Sequence[Row]) -> None:
    """Everybody registered is enrolled, active, with his role and in his group, and nobody else is active."""
    wanted = {(row.course, row.person) for row in rows}
    active = db.query(
        "SELECT c.idnumber, u.idnumber, (SELECT COUNT(*) FROM mdl_role_assignments ra WHERE ra.userid = u.id"
        f" AND ra.component = 'enrol_database' AND ra.itemid = e.id AND ra.roleid = {STUDENT}),"
        " (SELECT COUNT(*) FROM mdl_groups_members m JOIN mdl_groups g ON g.id = m.groupid"
        "   WHERE m.userid = u.id AND g.courseid = c.id)"
        " FROM mdl_user_enrolments ue JOIN mdl_enrol e ON e.id = ue.enrolid AND e.enrol = 'database'"
        " JOIN mdl_course c ON c.id = e.courseid JOIN mdl_user u ON u.id = ue.userid WHERE ue.status = 0"
    )
    assert {(course, person) for course, person, _, _ in active} == wanted
    assert [row for row in active if row[2:] != (1, 1)] == []


def _report(
    site: Site, changes: int, seconds: float, accounts: Sequence[Account], twice: dict[str, int]
) -> list[str]:
    lines = [f"Moodle {site.label}: {changes:,} changes in {seconds:.1f} s beside"]
    for who, account in zip(("Moodle's API", "SQL", "SQL", "a reader"), accounts, strict=True):
        lines.append(
            f"  {who}: {account.counts.total():,} done, {len(account.errors)} errors, {len(account.collisions)} collisions,"
            f" the slowest {account.longest:.2f} s ({account.slowest})"
        )
    born = ", ".join(f"{n} in {table}" for table, n in twice.items() if n) or "none"
    return [*lines, f"  born twice meanwhile: {born}; left after the next night: 0"]
