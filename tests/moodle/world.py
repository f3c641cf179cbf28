"""Two ways to lay out a scenario: through a real Moodle's API, or by SQL where there is no Moodle."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from greffe.demo import moodle_tables
from tests.moodle.database import Database
from tests.moodle.scenario import Course, Enrol, JoinGroup, Leavers, Row, Step, SuspendByHand, User, Visit
from tests.moodle.site import TABLE, Site

LIVE = Path(__file__).parent / "php" / "live.php"
UNENROLACTION: dict[Leavers, int] = {"unenrol": 0, "keep": 1, "suspend": 2, "suspend-no-roles": 3}


class MoodleWorld:
    """A real Moodle: courses and the day's doings by its own API, people by SQL."""

    def __init__(self, site: Site, database: Database) -> None:
        self.site, self.database = site, database

    def prepare(self, courses: Sequence[Course], users: Sequence[User]) -> None:
        self._php(courses)
        add_users(self.database, users)

    def live(self, steps: Sequence[Step]) -> None:
        self._php(steps)

    def _php(self, steps: Sequence[Step | Course]) -> None:
        if steps:
            self.site.php(
                LIVE, stdin=json.dumps([{"step": type(step).__name__, **asdict(step)} for step in steps])
            )


class MoodleTask:
    """Moodle's own enrol_database task as registrar."""

    def __init__(self, site: Site, database: Database) -> None:
        self.site, self.database = site, database

    def night(self, rows: Sequence[Row], leavers: Leavers) -> None:
        # one setting for the whole of a scenario: `reset` has put it where Moodle finds it
        load(self.database, rows)
        self.site.task()


class SqlWorld:
    """A database that only has Moodle's tables. What stands for Moodle's API here is proven by the goldens:
    the state before the first night is compared as well.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def prepare(self, courses: Sequence[Course], users: Sequence[User]) -> None:
        add_courses(self.database, courses)
        add_users(self.database, users)

    def live(self, steps: Sequence[Step]) -> None:
        for step in steps:
            self._live(step, int(time.time()))

    def _live(self, step: Step, now: int) -> None:
        insert, one = self.database.insert, self._one
        course = one("SELECT id FROM mdl_course WHERE idnumber = %s", step.course)
        user = one("SELECT id FROM mdl_user WHERE idnumber = %s", step.person)
        match step:
            case Enrol():
                role = one("SELECT id FROM mdl_role WHERE shortname = %s", step.role)
                context = one(
                    "SELECT id FROM mdl_context WHERE contextlevel = 50 AND instanceid = %s", course
                )
                enrol = self._instance(course, step.method)
                insert("mdl_user_enrolments", [{
                    "enrolid": enrol, "userid": user, "status": 0, "timestart": 0, "timeend": 0,
                    "modifierid": ADMIN, "timecreated": now, "timemodified": now,
                }])  # fmt: skip
                insert("mdl_role_assignments", [{
                    "roleid": role, "contextid": context, "userid": user, "timemodified": now, "modifierid": ADMIN,
                    "component": "", "itemid": 0, "sortorder": 0,
                }])  # fmt: skip
                self._flag(user, now)
            case SuspendByHand():
                self.database.run(
                    "UPDATE mdl_user_enrolments SET status = 1, modifierid = %s, timemodified = %s"
                    " WHERE enrolid = %s AND userid = %s",
                    ADMIN, now, self._instance(course, step.method), user,
                )  # fmt: skip
                self._flag(user, now)
            case JoinGroup():
                where = "SELECT id FROM mdl_groups WHERE courseid = %s AND name = %s"
                if not self.database.query(where, course, step.group):
                    insert("mdl_groups", [{
                        "courseid": course, "idnumber": "", "name": step.group, "description": None,
                        "descriptionformat": 0, "timecreated": now, "timemodified": now,
                    }])  # fmt: skip
                group = one(where, course, step.group)
                insert("mdl_groups_members", [
                    {"groupid": group, "userid": user, "timeadded": now, "component": "", "itemid": 0}
                ])  # fmt: skip
            case Visit():
                insert("mdl_user_lastaccess", [{"userid": user, "courseid": course, "timeaccess": now}])

    def _one(self, statement: str, *values: object) -> int:
        ((value,),) = self.database.query(statement, *values)
        return int(value)

    def _instance(self, course: int, method: str) -> int:
        return self._one("SELECT MIN(id) FROM mdl_enrol WHERE courseid = %s AND enrol = %s", course, method)

    def _flag(self, user: int, now: int) -> None:
        kind = "accesslib/dirtyusers"
        self.database.run("DELETE FROM mdl_cache_flags WHERE flagtype = %s AND name = %s", kind, str(user))
        self.database.insert("mdl_cache_flags", [
            {"flagtype": kind, "name": str(user), "timemodified": now, "value": "1", "expiry": now + 28800}
        ])  # fmt: skip


ADMIN = 2
"""The id of the main admin on a fresh site."""


def load(database: Database, rows: Sequence[Row]) -> None:
    """The external table holds these rows and no others."""
    database.run(f"DELETE FROM {TABLE}")
    database.insert(TABLE, [{"course": row.course, "person": row.person, "role": row.role} for row in rows])


def add_users(database: Database, users: Sequence[User]) -> None:
    """Accounts, straight into the table: tens of thousands in seconds."""
    with database.rows() as rows:
        moodle_tables.add_users(rows, [
            {
                "auth": "manual", "confirmed": int(user.confirmed), "deleted": int(user.deleted), "lang": "en",
                "suspended": int(user.suspended), "username": user.username or user.idnumber.lower(),
                "idnumber": user.idnumber, "email": user.email or f"{user.idnumber.lower()}@example.org",
            }
            for user in users
        ])  # fmt: skip


def add_courses(database: Database, courses: Sequence[Course]) -> None:
    """Courses with their contexts and the enrolment methods that a new course gets; nothing inside them."""
    now = int(time.time())
    common: dict[str, object] = {"status": 1, "timecreated": now, "timemodified": now}
    with database.rows() as rows:
        made = moodle_tables.add_courses(rows, [
            {"shortname": course.idnumber, "idnumber": course.idnumber, "visible": int(course.visible)}
            for course in courses
        ])  # fmt: skip
        guest = common | {"enrol": "guest", "sortorder": 1, "password": ""}
        key = common | {
            "enrol": "self", "sortorder": 2, "roleid": 5, "expirythreshold": 86400, "customint1": 0, "customint2": 0,
            "customint3": 0, "customint4": 1, "customint5": 0, "customint6": 1,
        }  # fmt: skip
        rows.insert("enrol", [guest | {"courseid": course} for course in made])
        rows.insert("enrol", [key | {"courseid": course} for course in made])
