"""What Moodle's log store holds, told by meaning: two copies of a site share neither ids nor seconds."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.moodle.database import Database
from tests.moodle.state import Names

Row = dict[str, Any]
ALIKE = (
    "eventname", "component", "action", "target", "objecttable", "crud", "edulevel", "contextlevel", "anonymous", "origin",
    "ip", "realuserid",
)  # fmt: skip
"""Columns that are compared as they stand."""
CLOCKS = frozenset({"timecreated", "timemodified"})


Nights = list[list[Row]]
"""The rows of each night."""


class Logged:
    """What the log store gets by what is done at night; not what people did by day."""

    def __init__(self, database: Database, flush: Callable[[], object] = lambda: None) -> None:
        self.database = database
        self.flush = flush
        """A process that goes on keeps its events in memory."""
        self.nights: Nights = []

    @contextlib.contextmanager
    def night(self) -> Iterator[None]:
        """What happens inside is a night. Its rows in an order of their own: who tells them in which order is no matter."""
        self.flush()
        ((last,),) = self.database.query("SELECT COALESCE(MAX(id), 0) FROM mdl_logstore_standard_log")
        yield
        self.flush()
        rows = self.database.dicts("SELECT * FROM mdl_logstore_standard_log WHERE id > %s ORDER BY id", last)
        tell = _Teller(self.database)
        self.nights.append(
            sorted((tell.row(r) for r in rows), key=lambda row: json.dumps(row, sort_keys=True))
        )


class _Teller:
    """What the numbers of a log row stand for, now."""

    def __init__(self, database: Database) -> None:
        names = Names(database)
        cohorts = dict(database.query("SELECT id, idnumber FROM mdl_cohort"))
        self.user, self.context, self.course = names.user, names.context, names.course
        self.objects: dict[str, dict[int, str]] = {
            "role": names.role, "enrol": names.enrol, "groups": names.group, "cohort": cohorts, "course": names.course,
            "user": names.user, "forum": names.forum,
        }  # fmt: skip
        self.columns: dict[str, Callable[[int], Any]] = {
            "enrolid": names.enrol.get, "userid": names.user.get, "modifierid": names.user.get,
            "courseid": names.course.get, "forumid": names.forum.get,
        }  # fmt: skip

    def row(self, row: Row) -> Row:
        """One row."""
        told = {column: row[column] for column in ALIKE if row[column] is not None}
        told["user"] = self._person(row["userid"])
        told["related"] = self._person(row["relateduserid"])
        told["course"] = self.course.get(row["courseid"], "-" if not row["courseid"] else "gone")
        told["context"] = self.context.get(row["contextid"], "gone")
        if objects := self.objects.get(row["objecttable"]):
            told["object"] = objects.get(row["objectid"], "gone")
        told["other"] = self._other(json.loads(row["other"]) if row["other"] not in (None, "null") else None)
        return told

    def _person(self, id_: int | None) -> str:
        return self.user.get(id_, str(id_)) if id_ else str(id_)

    def _other(self, other: Any) -> Any:
        if not isinstance(other, dict):
            return other
        return {key: self._value(key, value, other) for key, value in other.items()}

    def _value(self, key: str, value: Any, beside: Row) -> Any:
        """A value with its type: text and number are not the same to an observer."""
        if isinstance(value, dict):
            return self._other(value)
        told: Any = value
        if key in CLOCKS or (key == "id" and value):
            told = ""
        elif key == "itemid" and str(beside.get("component", "")).startswith("enrol_"):
            told = self.objects["enrol"].get(int(value), "gone")
        elif key in self.columns and str(value).isdigit() and int(value):
            told = self.columns[key](int(value)) or "gone"
        elif key == "groupid":
            told = self.objects["groups"].get(int(value), "gone")
        return f"{type(value).__name__} {told}"
