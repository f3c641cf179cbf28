"""The rows that enrolments leave behind, told by what they mean.

Two copies of a site never share ids or seconds. So every reference is replaced by the name of what it points to, and
every stamp by the day on which it was made: ``another_day`` makes all stamps one day older, and what is left of
them tells the night. All else in a row is compared as it stands, ``modifierid`` included.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.moodle.database import Database

DAY = 86400
Row = dict[str, Any]
State = dict[str, list[Row]]

CLOCKS = {
    "enrol": ("timecreated", "timemodified"),
    "user_enrolments": ("timecreated", "timemodified"),
    "role_assignments": ("timemodified",),
    "groups": ("timecreated", "timemodified"),
    "groups_members": ("timeadded",),
    "cache_flags": ("timemodified", "expiry"),
    "user_lastaccess": ("timeaccess",),
    "grade_grades": ("timecreated", "timemodified"),
    "grade_grades_history": ("timemodified",),
    "message_conversation_members": ("timecreated",),
    "forum_subscriptions": (),
    "forum_digests": (),
    "forum_track_prefs": (),
    "forum_read": ("firstread", "lastread"),
}
"""The tables that are compared, and their columns that only tell when."""

ALWAYS = (
    "enrol",
    "user_enrolments",
    "role_assignments",
    "groups",
    "groups_members",
    "cache_flags",
    "user_lastaccess",
)
"""Those that every site under test must have; the others are compared where they exist."""


def read(database: Database, days: int = 0) -> State:
    """The compared tables as they are ``days`` after the scenario began."""
    names = Names(database)
    now = time.time()
    return {
        table: sorted(
            (names.tell(table, row, now, days) for row in rows),
            key=lambda row: json.dumps(row, sort_keys=True),
        )
        for table, rows in ((table, names.rows(table)) for table in CLOCKS)
        if rows
    }


def raw(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """The compared tables exactly as stored, ids and clocks and all."""
    return {
        table: database.query(f"SELECT * FROM mdl_{table} ORDER BY id")
        for table in CLOCKS
        if Names.exists(database, table)
    }


def another_day(database: Database) -> None:
    """Let a day pass: every stamp becomes a day older; nothing else changes."""
    for table, clocks in CLOCKS.items():
        if clocks and Names.exists(database, table):
            older = ", ".join(f"{clock} = {clock} - {DAY}" for clock in clocks)
            stamped = " AND ".join(f"{clock} > {DAY}" for clock in clocks)
            database.run(f"UPDATE mdl_{table} SET {older} WHERE {stamped}")


def differences(expected: list[State], actual: list[State]) -> list[str]:
    """What differs, night by night and row by row, for people; nothing if all is equal."""
    found = []
    if len(expected) != len(actual):
        found.append(f"{len(expected)} nights expected, {len(actual)} seen")
    for night, (want, have) in enumerate(zip(expected, actual, strict=False)):
        for table in CLOCKS:
            left, right = want.get(table, []), have.get(table, [])
            found += [f"night {night}, {table}: missing {row}" for row in minus(left, right)]
            found += [f"night {night}, {table}: too much {row}" for row in minus(right, left)]
    return found


def minus(rows: list[Row], others: list[Row]) -> list[Row]:
    """The rows that are not among the others; of equal rows as many as there are more of."""
    left = Counter(json.dumps(row, sort_keys=True) for row in others)
    found = []
    for row in rows:
        text = json.dumps(row, sort_keys=True)
        if left[text]:
            left[text] -= 1
        else:
            found.append(row)
    return found


class Names:
    """What the ids of one site mean."""

    def __init__(self, database: Database) -> None:
        self._database = database
        courses = database.query("SELECT id, idnumber, shortname FROM mdl_course")
        self.course = {id_: idnumber or shortname for id_, idnumber, shortname in courses}
        self.user = self._map("SELECT id, username FROM mdl_user")
        self.role = self._map("SELECT id, shortname FROM mdl_role")
        self.enrol = self._numbered("SELECT id, courseid, enrol FROM mdl_enrol ORDER BY sortorder, id")
        self.group = self._numbered("SELECT id, courseid, name FROM mdl_groups ORDER BY id")
        self.context = {
            id_: f"course {self.course.get(instance, instance)}"
            if level == 50
            else f"context {level}:{instance}"
            for id_, level, instance in database.query("SELECT id, contextlevel, instanceid FROM mdl_context")
        }
        self.path = {
            path: self.context[id_] for id_, path in database.query("SELECT id, path FROM mdl_context")
        }
        self._columns: dict[str, Callable[[Any], Any]] = {
            "courseid": self.course.get,
            "userid": self.user.get,
            "modifierid": self.user.get,
            "usermodified": self.user.get,
            "loggeduser": self.user.get,
            "enrolid": self.enrol.get,
            "contextid": self.context.get,
            "groupid": self.group.get,
        }

    @staticmethod
    def exists(database: Database, table: str) -> bool:
        """Whether the site has the table. Raises LookupError where it must and does not."""
        schema = "database()" if database.server.engine == "mariadb" else "'public'"
        found = database.query(
            f"SELECT 1 FROM information_schema.tables WHERE table_schema = {schema} AND table_name = %s",
            f"mdl_{table}",
        )
        if not found and table in ALWAYS:
            raise LookupError(f"the site under test has no mdl_{table}")
        return bool(found)

    def rows(self, table: str) -> list[Row]:
        """All rows of a table, as stored; of flags only those that concern access."""
        if not self.exists(self._database, table):
            return []
        only = " WHERE flagtype LIKE 'accesslib/%%'" if table == "cache_flags" else ""
        return self._database.dicts(f"SELECT * FROM mdl_{table}{only}".replace("%%", "%"))

    def tell(self, table: str, row: Row, now: float, days: int) -> Row:
        """A row by meaning. NULL is left out, so that versions may differ in columns nobody uses."""
        told: Row = {}
        for column, value in row.items():
            if column in CLOCKS[table]:
                if table != "cache_flags" or column != "expiry":
                    told[column] = f"day {days - round((now - value) / DAY)}" if value else value
            elif column != "id" and value is not None:
                told[column] = float(value) if isinstance(value, Decimal) else value
                if column in self._columns:
                    told[column] = self._columns[column](value) or value
        if table in ("enrol", "role_assignments"):
            told["roleid"] = self.role.get(row["roleid"], row["roleid"])
        if str(row.get("component", "")).startswith("enrol_"):
            told["itemid"] = self.enrol.get(row["itemid"], row["itemid"])
        if table == "cache_flags":
            told["name"] = self._flagged(row)
        return told

    def _flagged(self, row: Row) -> Any:
        if row["flagtype"] == "accesslib/dirtyusers":
            return self.user.get(int(row["name"]), row["name"])
        return self.path.get(row["name"], row["name"])

    def _map(self, statement: str) -> dict[int, str]:
        return dict(self._database.query(statement))

    def _numbered(self, statement: str) -> dict[int, str]:
        """Names within a course; the second of the same name is told as #2."""
        seen: dict[str, int] = {}
        names = {}
        for id_, course, name in self._database.query(statement):
            full = f"{self.course.get(course, course)}/{name}"
            seen[full] = seen.get(full, 0) + 1
            names[id_] = full if seen[full] == 1 else f"{full}#{seen[full]}"
        return names
