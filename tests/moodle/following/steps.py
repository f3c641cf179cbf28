"""What happens by day, as data, and by SQL: an API call would let Moodle's own observers do at once what is judged at night.

So Moodle and Greffe both find, in the evening, a site that its tasks have not seen yet.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from tests.moodle.database import Database

ADMIN = 2


@dataclass(frozen=True)
class Setting:
    """A setting of one of the two plugins."""

    plugin: str
    name: str
    value: str


@dataclass(frozen=True)
class Members:
    """These, and no others, are in the cohort; it is made when it is first named."""

    cohort: str
    people: tuple[str, ...] = ()


@dataclass(frozen=True)
class DropCohort:
    """The cohort is gone, and so are its members."""

    cohort: str


@dataclass(frozen=True)
class Link:
    """A course follows a cohort or a parent course. ``group``: its name; '' for none; None: never set."""

    course: str
    source: str
    method: str = "cohort"
    role: str = "student"
    group: str | None = ""
    status: int = 0


@dataclass(frozen=True)
class Relink:
    """The instance is edited: what is not None changes."""

    course: str
    source: str
    method: str = "cohort"
    role: str | None = None
    group: str | None = None
    status: int | None = None


@dataclass(frozen=True)
class Enrol:
    """Somebody is enrolled by hand, from and to given days after 2001 (0: none); ``role`` '' gives none."""

    course: str
    person: str
    role: str = "student"
    start: int = 0
    end: int = 0
    status: int = 0
    method: str = "manual"


@dataclass(frozen=True)
class Change:
    """An enrolment by a method is suspended or not, and has these times."""

    course: str
    person: str
    status: int = 0
    start: int = 0
    end: int = 0
    method: str = "manual"


@dataclass(frozen=True)
class Leave:
    """An enrolment by hand ends, and the roles given by hand with it."""

    course: str
    person: str


@dataclass(frozen=True)
class Status:
    """The course's instance of a method is switched on (0) or off (1)."""

    course: str
    method: str
    status: int


@dataclass(frozen=True)
class Group:
    """A group of a course, perhaps with a conversation."""

    course: str
    name: str
    conversation: bool = False


@dataclass(frozen=True)
class Join:
    """A teacher puts somebody into a group."""

    course: str
    person: str
    group: str


@dataclass(frozen=True)
class Visit:
    """Somebody opened the course."""

    course: str
    person: str


Step = Setting | Members | DropCohort | Link | Relink | Enrol | Change | Leave | Status | Group | Join | Visit


class Day:
    """Lives steps in a site's database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def live(self, steps: Iterable[Step]) -> None:
        for step in steps:
            self._live(step, int(time.time()))

    def _live(self, step: Step, now: int) -> None:
        run, insert = self.database.run, self.database.insert
        match step:
            case Setting(plugin, name, value):
                run("DELETE FROM mdl_config_plugins WHERE plugin = %s AND name = %s", plugin, name)
                insert("mdl_config_plugins", [{"plugin": plugin, "name": name, "value": value}])
            case Members():
                self._members(step, now)
            case DropCohort(name):
                cohort = self._cohort(name)
                run("DELETE FROM mdl_cohort_members WHERE cohortid = %s", cohort)
                run("DELETE FROM mdl_cohort WHERE id = %s", cohort)
            case Link():
                course = self._course(step.course)
                insert("mdl_enrol", [{
                    "enrol": step.method, "courseid": course, "status": step.status, "sortorder": self._last(course) + 1,
                    "customint1": self._source(step.method, step.source), "customint2": self._group(course, step.group),
                    "roleid": self._role(step.role) if step.method == "cohort" else 0, "enrolstartdate": 0,
                    "enrolenddate": 0, "timecreated": now, "timemodified": now,
                }])  # fmt: skip
            case Relink():
                self._relink(step, now)
            case Enrol():
                self._enrol(step, now)
            case Change():
                run("UPDATE mdl_user_enrolments SET status = %s, timestart = %s, timeend = %s, timemodified = %s"
                    " WHERE enrolid = %s AND userid = %s",
                    step.status, _day(step.start), _day(step.end), now, self._way(step.course, step.method), self._user(step.person))  # fmt: skip
            case Leave(course_name, person):
                user = self._user(person)
                run("DELETE FROM mdl_user_enrolments WHERE enrolid = %s AND userid = %s", self._way(course_name, "manual"), user)  # fmt: skip
                run("DELETE FROM mdl_role_assignments WHERE contextid = %s AND userid = %s AND component = ''",
                    self._context(self._course(course_name)), user)  # fmt: skip
            case Status(course_name, method, status):
                run("UPDATE mdl_enrol SET status = %s WHERE id = %s", status, self._way(course_name, method))
            case Group():
                self._add_group(step, now)
            case Join(course_name, person, group):
                insert("mdl_groups_members", [{
                    "groupid": self._group(self._course(course_name), group), "userid": self._user(person), "timeadded": now,
                    "component": "", "itemid": 0,
                }])  # fmt: skip
            case Visit(course_name, person):
                row: dict[str, object] = {
                    "userid": self._user(person),
                    "courseid": self._course(course_name),
                    "timeaccess": now,
                }
                insert("mdl_user_lastaccess", [row])

    def _members(self, step: Members, now: int) -> None:
        if not self.database.query("SELECT id FROM mdl_cohort WHERE idnumber = %s", step.cohort):
            self.database.insert("mdl_cohort", [{
                "contextid": 1, "name": step.cohort, "idnumber": step.cohort, "description": "", "descriptionformat": 1,
                "visible": 1, "component": "", "timecreated": now, "timemodified": now,
            }])  # fmt: skip
        cohort = self._cohort(step.cohort)
        there = {u for (u,) in self.database.query("SELECT userid FROM mdl_cohort_members WHERE cohortid = %s", cohort)}  # fmt: skip
        wanted = {self._user(p) for p in step.people}
        for user in there - wanted:
            self.database.run(
                "DELETE FROM mdl_cohort_members WHERE cohortid = %s AND userid = %s", cohort, user
            )
        self.database.insert(
            "mdl_cohort_members",
            [{"cohortid": cohort, "userid": u, "timeadded": now} for u in sorted(wanted - there)],
        )

    def _relink(self, step: Relink, now: int) -> None:
        course = self._course(step.course)
        (enrol,) = self.database.query(
            "SELECT id FROM mdl_enrol WHERE courseid = %s AND enrol = %s AND customint1 = %s",
            course, step.method, self._source(step.method, step.source),
        )  # fmt: skip
        new: dict[str, int | None] = {}
        if step.role is not None:
            new["roleid"] = self._role(step.role)
        if step.group is not None:
            new["customint2"] = self._group(course, step.group)
        if step.status is not None:
            new["status"] = step.status
        for column, value in new.items():
            self.database.run(f"UPDATE mdl_enrol SET {column} = %s, timemodified = %s WHERE id = %s", value, now, enrol[0])  # fmt: skip

    def _enrol(self, step: Enrol, now: int) -> None:
        course, user = self._course(step.course), self._user(step.person)
        self.database.insert("mdl_user_enrolments", [{
            "enrolid": self._way(step.course, step.method), "userid": user, "status": step.status,
            "timestart": _day(step.start), "timeend": _day(step.end), "modifierid": ADMIN, "timecreated": now,
            "timemodified": now,
        }])  # fmt: skip
        if step.role:
            self.database.insert("mdl_role_assignments", [{
                "roleid": self._role(step.role), "contextid": self._context(course), "userid": user, "timemodified": now,
                "modifierid": ADMIN, "component": "", "itemid": 0, "sortorder": 0,
            }])  # fmt: skip

    def _add_group(self, step: Group, now: int) -> None:
        course = self._course(step.course)
        self.database.insert("mdl_groups", [{
            "courseid": course, "idnumber": "", "name": step.name, "description": None, "descriptionformat": 0,
            "timecreated": now, "timemodified": now,
        }])  # fmt: skip
        if step.conversation:
            self.database.insert("mdl_message_conversations", [{
                "type": 2, "name": step.name, "component": "core_group", "itemtype": "groups",
                "itemid": self._group(course, step.name), "contextid": self._context(course), "enabled": 1,
                "timecreated": now, "timemodified": now,
            }])  # fmt: skip

    # -- ids -----------------------------------------------------------------------------------------------
    def _one(self, statement: str, *values: object) -> int:
        ((value,),) = self.database.query(statement, *values)
        return int(value)

    def _course(self, idnumber: str) -> int:
        return self._one("SELECT id FROM mdl_course WHERE idnumber = %s", idnumber)

    def _context(self, course: int) -> int:
        return self._one("SELECT id FROM mdl_context WHERE contextlevel = 50 AND instanceid = %s", course)

    def _user(self, idnumber: str) -> int:
        return self._one("SELECT id FROM mdl_user WHERE idnumber = %s", idnumber)

    def _cohort(self, idnumber: str) -> int:
        return self._one("SELECT id FROM mdl_cohort WHERE idnumber = %s", idnumber)

    def _source(self, method: str, name: str) -> int:
        return self._cohort(name) if method == "cohort" else self._course(name)

    def _role(self, shortname: str) -> int:
        return self._one("SELECT id FROM mdl_role WHERE shortname = %s", shortname) if shortname else 0

    def _group(self, course: int, name: str | None) -> int | None:
        if not name:
            return None if name is None else 0
        return self._one("SELECT id FROM mdl_groups WHERE courseid = %s AND name = %s", course, name)

    def _way(self, course: str, method: str) -> int:
        where = "SELECT MIN(id) FROM mdl_enrol WHERE courseid = %s AND enrol = %s"
        return self._one(where, self._course(course), method)

    def _last(self, course: int) -> int:
        return self._one("SELECT MAX(sortorder) FROM mdl_enrol WHERE courseid = %s", course)


def _day(number: int) -> int:
    """Midnight of a day after 2001-09-09; 0 for none."""
    return 1_000_000_000 + number * 86400 if number else 0
