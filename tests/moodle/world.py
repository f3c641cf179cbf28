"""A real Moodle in which scenarios are lived, and its own task as registrar."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import asdict

from greffe.demo import moodle_tables
from tests.moodle import plain
from tests.moodle.database import Database
from tests.moodle.logs import Logged
from tests.moodle.scenario import Course, Leavers, Settings, User
from tests.moodle.site import TASK, Living
from tests.moodle.steps import Step

UNENROLACTION: dict[Leavers, int] = {"unenrol": 0, "keep": 1, "suspend": 2, "suspend-no-roles": 3}
STUDENT = 5
"""The id of the role on a fresh site."""


class MoodleWorld:
    """A real Moodle: courses and the day's doings by its own API, people by SQL."""

    def __init__(self, moodle: Living, database: Database) -> None:
        self.moodle, self.database = moodle, database

    def prepare(self, courses: Sequence[Course], users: Sequence[User]) -> None:
        self.moodle.do([
            {"step": "Course", "visible": course.visible, "idnumber": course.idnumber,
             "shortname": course.shortname or course.idnumber}
            for course in courses
        ])  # fmt: skip
        add_users(self.database, users)

    def live(self, steps: Sequence[Step]) -> None:
        for step in steps:
            if not plain.live(self.database, step):
                self.moodle.do([{"step": type(step).__name__, **asdict(step)}])


class MoodleTask:
    """Moodle's own enrol_database task as registrar."""

    def __init__(self, moodle: Living, logged: Logged | None = None) -> None:
        self.moodle, self.logged = moodle, logged

    def night(self, settings: Settings) -> None:
        # the same settings for the whole of a scenario: `reset` has put them where Moodle finds them
        with self.logged.night() if self.logged else contextlib.nullcontext():
            self.moodle.do([{"step": "Task", "name": TASK}])


def log_of(moodle: Living, database: Database) -> Logged:
    """What a living Moodle tells its log store."""
    return Logged(database, lambda: moodle.do([{"step": "FlushLog"}]))


def moodle_settings(settings: Settings) -> dict[str, str | int]:
    """The rows of enrol_database's settings that mean the same."""
    return {
        "unenrolaction": UNENROLACTION[settings.leavers],
        "localuserfield": settings.person,
        "localcoursefield": settings.course,
        "ignorehiddencourses": int(settings.hidden_courses == "skip"),
        "defaultrole": STUDENT if settings.default_role else 0,
        "remoteotheruserfield": "other" if settings.others else "",
    }


def add_users(database: Database, users: Sequence[User]) -> None:
    """Accounts, straight into the table: tens of thousands in seconds."""
    with database.rows() as rows:
        moodle_tables.add_users(rows, [
            {
                "auth": "manual", "confirmed": int(user.confirmed), "deleted": int(user.deleted), "lang": "en",
                "suspended": int(user.suspended), "username": user.username or user.idnumber.lower(),
                "idnumber": user.idnumber, "email": user.email or f"{user.idnumber.lower()}@example.org",
                "mnethostid": user.host,
            }
            for user in users
        ])  # fmt: skip


def add_courses(database: Database, courses: Sequence[Course]) -> None:
    """Courses with their contexts and the enrolment methods that a new course gets; nothing inside them."""
    now = int(time.time())
    common: dict[str, object] = {"status": 1, "timecreated": now, "timemodified": now}
    with database.rows() as rows:
        made = moodle_tables.add_courses(rows, [
            {"shortname": course.shortname or course.idnumber, "idnumber": course.idnumber,
             "visible": int(course.visible)}
            for course in courses
        ])  # fmt: skip
        guest = common | {"enrol": "guest", "sortorder": 1, "password": ""}
        key = common | {
            "enrol": "self", "sortorder": 2, "roleid": 5, "expirythreshold": 86400, "customint1": 0, "customint2": 0,
            "customint3": 0, "customint4": 1, "customint5": 0, "customint6": 1,
        }  # fmt: skip
        rows.insert("enrol", [guest | {"courseid": course} for course in made])
        rows.insert("enrol", [key | {"courseid": course} for course in made])
