"""A campus in order, small enough to know every row of it: whatever an audit finds there was planted."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from greffe.apply.schema import ensure_tables
from greffe.config import Config
from greffe.moodle.database import Database
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite

STUDENT = 5
DAY = 86400
NOBODY = 88888
"""An id that nobody has; others that nothing has are 99999, 77777, 66666 and 55555."""


class Campus:
    """Course A with people by hand and by External database, B with a cohort and a group, C that follows B."""

    def __init__(self, site: MoodleSite, db: Database) -> None:
        self.site, self.db = site, db
        self.now = int(time.time())
        self.people = [
            site.add_user(f"p{n}", idnumber=f"N{n}", email=f"p{n}@example.org") for n in range(1, 8)
        ]
        self.courses = {name: site.add_course(name, idnumber=f"I{name}") for name in "ABC"}
        site.execute(
            "UPDATE {config} SET value = %s WHERE name = 'enrol_plugins_enabled'",
            "manual,guest,self,cohort,database,meta",
        )
        site.execute(
            "UPDATE {config_plugins} SET value = '3' WHERE plugin = 'enrol_database' AND name = 'unenrolaction'"
        )
        self.manual = {name: self._manual(name) for name in "ABC"}
        self.cohort = site.add_cohort("K1")
        self.database = self.method("database", "A")
        self.group = site.insert("groups", courseid=self.courses["B"], name="G")
        self.sync = self.method("cohort", "B", customint1=self.cohort, customint2=self.group, roleid=STUDENT)
        self.meta = self.method("meta", "C", customint1=self.courses["B"], customint2=0)

        self.enrol(self.manual["A"], 1)
        self.role("", 0, "A", 1)
        for person in (2, 5):
            self.enrol(self.database, person, status=int(person == 5))
        self.role("enrol_database", self.database, "A", 2)
        for person in (3, 4):
            site.insert("cohort_members", cohortid=self.cohort, userid=self.id(person), timeadded=1)
            self.enrol(self.sync, person)
            self.role("enrol_cohort", self.sync, "B", person)
            self.join(self.group, person, "enrol_cohort", self.sync)
            self.enrol(self.meta, person)
            self.role("enrol_meta", self.meta, "C", person)
        self.flag("accesslib/dirtyusers", str(self.id(2)), self.now + DAY)

    def id(self, person: int) -> int:
        """Of the account p1, p2, …"""
        return self.people[person - 1]

    def context(self, course: str) -> int:
        """A course's."""
        rows = self.site.fetch(
            "SELECT id FROM {context} WHERE contextlevel = 50 AND instanceid = %s", self.courses[course]
        )
        return int(rows[0]["id"])

    def method(self, enrol: str, course: str, **values: object) -> int:
        """Another method of a course."""
        return self.site.insert("enrol", enrol=enrol, courseid=self.courses[course], **values)

    def enrol(self, method: int, person: int, **values: object) -> int:
        """An enrolment without end; its id."""
        usual = {"enrolid": method, "userid": self.people[person - 1] if person < NOBODY else person}
        return self.site.insert("user_enrolments", **usual | {"timeend": 0, "timecreated": 500} | values)

    def role(self, component: str, item: int, course: str, person: int, **values: object) -> int:
        """A role in a course; its row's id."""
        usual = {"roleid": STUDENT, "contextid": self.context(course)}
        who = {"userid": self.people[person - 1] if person < NOBODY else person}
        return self.site.insert(
            "role_assignments", **usual | who | {"component": component, "itemid": item} | values
        )

    def join(self, group: int, person: int, component: str = "", item: int = 0) -> int:
        """A membership of a group; its id."""
        return self.site.insert(
            "groups_members", groupid=group, userid=self.id(person), component=component, itemid=item
        )

    def flag(self, kind: str, name: str, expiry: int) -> int:
        """A flag of Moodle's caches."""
        return self.site.insert("cache_flags", flagtype=kind, name=name, value="1", expiry=expiry)

    def another(self, name: str, **values: object) -> int:
        """A further course."""
        self.courses[name] = self.site.add_course(name, **{"idnumber": f"I{name}"} | values)
        self.manual[name] = self._manual(name)
        return self.courses[name]

    def drop_index(self, table: str, columns: str) -> None:
        """The index that begins with these columns."""
        name = self.db.value("index_by_columns", table=self.site.prefix + table, columns=columns)
        self.site.execute(f"DROP INDEX {name}" + (f" ON {{{table}}}" if self.db.engine == "mariadb" else ""))

    def greffe(self) -> None:
        """Greffe ran here: one night that took the place over and put p2 into it; the cohort and its method are its own."""
        ensure_tables(self.db)
        insert = self.site.insert
        run = insert(
            "local_greffe_run", kind="nightly", state="done", timestarted=self.now, timeended=self.now
        )
        insert(
            "local_greffe_scope",
            feed="ip",
            courseid=self.courses["A"],
            roleid=STUDENT,
            runid=run,
            timecreated=1000,
        )
        insert("local_greffe_cohort", feed="ip", cohortid=self.cohort, idnumber="K1", runid=run)
        insert("local_greffe_method", enrolid=self.sync, feed="ip", runid=run)
        self.site.execute(
            "UPDATE {user_enrolments} SET timecreated = %s WHERE enrolid = %s AND userid = %s",
            self.now, self.database, self.id(2),
        )  # fmt: skip
        for action, table in (("enrol", "user_enrolments"), ("assign-role", "role_assignments")):
            ((row,),) = (r.values() for r in self.site.fetch(
                f"SELECT MIN(id) AS id FROM {{{table}}} WHERE userid = %s", self.id(2)
            ))  # fmt: skip
            insert(
                "local_greffe_change", runid=run, action=action, courseid=self.courses["A"], enrolid=self.database,
                userid=self.id(2), objectid=row, timecreated=self.now,
            )  # fmt: skip

    def config(self, **moodle: Any) -> Config:
        """The site's configuration; ``moodle``: other keys of [moodle]."""
        return Nights(self.site, Path(), more={"moodle": moodle}).config()

    def _manual(self, course: str) -> int:
        rows = self.site.fetch(
            "SELECT id FROM {enrol} WHERE enrol = 'manual' AND courseid = %s", self.courses[course]
        )
        return int(rows[0]["id"])
