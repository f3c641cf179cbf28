"""Classes whose people leave, and every row of the site before and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from greffe.apply import journal
from greffe.apply.execute import Executor
from greffe.config.moodle import Moodle
from greffe.model import Action
from greffe.moodle.database import Database, connect
from greffe.moodle.locks import SiteLocks
from tests.integration.classes import Class, State, add_classes
from tests.integration.nights import Nights

AROUND = {"cache_flags", "groups", "grade_grades_history"}
"""Tables that are written on the way, whatever happens."""


def deliver(nights: Nights, rows: Iterable[tuple[str, str]], group: str = "TD") -> None:
    """Deliver who is in which course tonight; all are in one group, or in none."""
    lines = [f"{who};{course};{group}" for who, course in rows]
    nights.feed("ip", "who;course;td", lines, min_rows=0, shrink="none", unknown_people="none")


def everybody(nights: Nights, people: int, courses: int, group: str = "TD") -> tuple[list[int], list[Class]]:
    """A site on which all are in all courses, through Greffe."""
    ids = nights.site.add_users([{"username": f"u{n}", "idnumber": f"u{n}"} for n in range(people)])
    classes = add_classes(nights, [f"C{n}" for n in range(courses)])
    deliver(nights, ((f"u{n}", c.name) for n in range(people) for c in classes), group)
    nights.night()
    return list(ids), classes


def remaining(before: State, gone: dict[str, set[int]]) -> State:
    """The rows that are left of a site without these."""
    return {
        table: {i: r for i, r in found.items() if i not in gone.get(table, ())}
        for table, found in before.items()
    }


def without(state: State, *tables: str) -> State:
    """A site's rows without those of some tables."""
    return {t: r for t, r in state.items() if t not in tables}


def noted(nights: Nights, run: int, before: State, gone: dict[str, set[int]]) -> None:
    """Every row that went stands in the journal with all that it was."""
    tables = {
        Action.UNENROL: "user_enrolments",
        Action.REMOVE_ROLE: "role_assignments",
        Action.LEAVE_GROUP: "groups_members",
        Action.LEAVE_CONVERSATION: "message_conversation_members",
        Action.DELETE_GRADE: "grade_grades",
        Action.FORGET_VISIT: "user_lastaccess",
        Action.UNSUBSCRIBE: "forum_subscriptions",
        Action.DROP_DIGEST: "forum_digests",
        Action.DROP_TRACKING: "forum_track_prefs",
        Action.FORGET_READING: "forum_read",
    }
    found: dict[str, dict[int, Any]] = {}
    db = connect(nights.site.settings)
    for change in journal.changes(db, run):
        table = tables[Action(change.action)]
        assert change.object not in found.setdefault(table, {})
        found[table][change.object] = change
    db.close()
    assert {t: set(c) for t, c in found.items()} == gone
    for table, changes in found.items():
        for id_, change in changes.items():
            row = before[table][id_]
            assert change.user == row["userid"]
            assert change.old is not None
            assert {c: _plain(v) for c, v in row.items()} == change.old


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int | str) else str(value)


@contextmanager
def writing(nights: Nights) -> Iterator[tuple[Database, Executor]]:
    """What writes a plan, without the night around it, on a connection of its own."""
    db = connect(nights.site.settings)
    try:
        locks = SiteLocks(db, Moodle(), db.settings)
        locks.acquire(5)
        yield db, Executor(db, journal.open_run(db, "nightly"), 2, 28800, locks)
    finally:
        db.close()
