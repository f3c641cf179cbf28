"""Running the relay on a site, and what the journal says of it afterwards."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.moodle.database import Database
from tests.moodle.site import Living

OBSERVED = Path(__file__).parent / "php" / "observed.php"
"""Runs the relay beside an observer of another plugin, which does what it is told to."""
RELAY = r"\local_greffe\task\relay"
ENROLMENTS = (
    "enrol", "user_enrolments", "role_assignments", "groups", "groups_members", "cohort", "cohort_members", "cache_flags",
    "grade_grades", "grade_grades_history", "message_conversation_members",
)  # fmt: skip
"""Tables of enrolments: no observer may change what Greffe has just written there."""


def relay(moodle: Living) -> str:
    """The task in a living process; what it said."""
    return moodle.do([{"step": "Task", "name": RELAY}])


def enrolments(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """All that enrolments are, exactly as stored."""
    return {table: database.query(f"SELECT * FROM mdl_{table} ORDER BY id") for table in ENROLMENTS}


def outcomes(database: Database, above: int = 0) -> Counter[tuple[str, str]]:
    """(action, what the relay did with it) → how many changes; '' for those that wait."""
    rows = database.query("SELECT action, outcome, relayed FROM mdl_local_greffe_change WHERE id > %s", above)
    assert all(bool(outcome) == bool(relayed) for _, outcome, relayed in rows)
    return Counter((action, outcome) for action, outcome, _ in rows)


def last_change(database: Database) -> int:
    """The id of the youngest row of the journal."""
    ((last,),) = database.query("SELECT COALESCE(MAX(id), 0) FROM mdl_local_greffe_change")
    return int(last)
