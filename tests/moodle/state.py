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
    "message_conversations": ("timecreated", "timemodified"),
    "message_conversation_members": ("timecreated",),
    "forum_subscriptions": (),
    "forum_digests": (),
    "forum_track_prefs": (),
    "forum_read": ("firstread", "lastread"),
}
"""The tables that are compared, and their columns that only tell when."""

LATER = ("deductedmark",)
"""Columns that not every version has; where they only hold their default nothing is told of them."""


def read(database: Database, days: int = 0) -> State:
    """The compared tables as they are ``days`` after the scenario began."""
    names = Names(database)
    now = time.time()
    told = {table: [names.tell(table, row, now, days) for row in names.rows(table)] for table in CLOCKS}
    return ordered({table: rows for table, rows in told.items() if rows})


def ordered(state: State) -> State:
    """The same rows in the order of what they say: equal states are then equal texts."""
    return {t: sorted(rows, key=lambda row: json.dumps(row, sort_keys=True)) for t, rows in state.items()}


def raw(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """The compared tables exactly as stored, ids and clocks and all."""
    return {table: database.query(f"SELECT * FROM mdl_{table} ORDER BY id") for table in CLOCKS}


def another_day(database: Database) -> None:
    """Let a day pass: every stamp becomes a day older; nothing else changes."""
    for table, clocks in CLOCKS.items():
        if clocks:
            older = (
                f"{clock} = CASE WHEN {clock} > {DAY} THEN {clock} - {DAY} ELSE {clock} END"
                for clock in clocks
            )
            database.run(f"UPDATE mdl_{table} SET {', '.join(older)}")


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


def outline(state: State) -> list[str]:
    """Who is where, a line each: enough to say in words where Greffe and Moodle part."""
    lines: dict[tuple[str, str], list[str]] = {}
    for row in state.get("user_enrolments", []):
        lines[row["enrolid"], row["userid"]] = ["suspended" if row["status"] else "active"]
    for row in state.get("role_assignments", []):
        where = row["itemid"] or row["contextid"]
        lines.setdefault((where, row["userid"]), ["not enrolled"]).append(row["roleid"])
    for row in state.get("forum_subscriptions", []):
        lines[row["forum"], row["userid"]] = ["subscribed"]
    for row in state.get("cache_flags", []):
        lines["flag of", row["name"]] = [row["timemodified"]]
    return [
        f"{where} {who}: {first}{''.join(f', {role}' for role in sorted(rest))}"
        for (where, who), (first, *rest) in sorted(lines.items())
    ]


class Names:
    """What the ids of one site mean."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.course = self._map("SELECT id, shortname FROM mdl_course")
        self.user = self._people()
        self.role = self._map("SELECT id, shortname FROM mdl_role")
        self.enrol = self._numbered("SELECT id, courseid, enrol FROM mdl_enrol ORDER BY sortorder, id")
        self.group = self._numbered("SELECT id, courseid, name FROM mdl_groups ORDER BY id")
        self.forum = self._numbered("SELECT id, course, name FROM mdl_forum ORDER BY id")
        self.item = self._numbered(
            "SELECT id, courseid, COALESCE(itemname, itemtype) FROM mdl_grade_items ORDER BY id"
        )
        self.conversation = self._map(
            "SELECT id, itemid FROM mdl_message_conversations WHERE component = 'core_group'"
        )
        self.context, self.path = self._contexts()
        history = database.query(
            "SELECT itemid, userid, oldid FROM mdl_grade_grades_history GROUP BY itemid, userid, oldid ORDER BY oldid"
        )
        self._grades: dict[tuple[int, int], list[int]] = {}
        for item, user, grade in history:
            self._grades.setdefault((item, user), []).append(grade)
        self._columns: dict[str, Callable[[Any], Any]] = {
            "courseid": self.course.get,
            "userid": self.user.get,
            "modifierid": self.user.get,
            "usermodified": self.user.get,
            "loggeduser": self.user.get,
            "enrolid": self.enrol.get,
            "contextid": self.context.get,
            "groupid": self.group.get,
            "forum": self.forum.get,
            "forumid": self.forum.get,
            "conversationid": lambda id_: self.group.get(int(self.conversation.get(id_, 0))),
        }

    def rows(self, table: str) -> list[Row]:
        """All rows of a table, as stored; of flags only those that concern access."""
        only = " WHERE flagtype LIKE 'accesslib/%%'" if table == "cache_flags" else ""
        return self._database.dicts(f"SELECT * FROM mdl_{table}{only}".replace("%%", "%"))

    def tell(self, table: str, row: Row, now: float, days: int) -> Row:
        """A row by meaning. NULL is left out, so that versions may differ in columns nobody uses."""
        told: Row = {}
        for column, value in row.items():
            if value is None or (value == 0 and column in LATER):
                continue
            if column in CLOCKS[table]:
                if table != "cache_flags" or column != "expiry":
                    told[column] = f"day {days - round((now - value) / DAY)}" if value else value
            elif column != "id":
                told[column] = float(value) if isinstance(value, Decimal) else value
                if column in self._columns:
                    told[column] = self._columns[column](value) or value
        if table in ("enrol", "role_assignments"):
            told["roleid"] = self.role.get(row["roleid"], row["roleid"])
        if str(row.get("component", "")).startswith("enrol_"):
            told["itemid"] = self.enrol.get(row["itemid"], row["itemid"])
        if table == "message_conversations":
            told["itemid"] = self.group.get(row["itemid"], row["itemid"])
        if table.startswith("grade_grades"):
            told["itemid"] = self.item.get(row["itemid"], row["itemid"])
        if table == "grade_grades_history":
            told["oldid"] = 1 + self._grades[row["itemid"], row["userid"]].index(row["oldid"])
        if table == "cache_flags":
            told["name"] = self._flagged(row)
        return told

    def _flagged(self, row: Row) -> Any:
        if row["flagtype"] == "accesslib/dirtyusers":
            return self.user.get(int(row["name"]), row["name"])
        return self.path.get(row["name"], "a context that is gone")

    def _people(self) -> dict[int, str]:
        """Usernames; a deleted account's holds a clock."""
        rows = self._database.query(
            "SELECT id, username, mnethostid, deleted FROM mdl_user ORDER BY deleted, id"
        )
        names, gone = {}, 0
        for id_, username, host, deleted in rows:
            gone += deleted
            names[id_] = f"deleted#{gone}" if deleted else username if host == 1 else f"{username}@{host}"
        return names

    def _contexts(self) -> tuple[dict[int, str], dict[str, str]]:
        """Contexts by id and by path; those below a course are numbered within it."""
        names: dict[int, str] = {}
        paths: dict[str, str] = {}
        below = Counter[str]()
        for id_, level, instance, path in self._database.query(
            "SELECT id, contextlevel, instanceid, path FROM mdl_context ORDER BY depth, id"
        ):
            above = paths.get(str(path).rpartition("/")[0], "")
            if level == 50:
                names[id_] = f"course {self.course.get(instance, instance)}"
            elif above.startswith("course "):
                below[above] += 1
                names[id_] = f"{above}/{level}#{below[above]}"
            else:
                names[id_] = f"context {level}:{instance}"
            paths[path] = names[id_]
        return names, paths

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
