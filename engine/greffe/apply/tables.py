"""Moodle's tables whose rows an undo takes out and brings back, and what it must know of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from greffe.apply import rows
from greffe.apply.rows import COLUMNS
from greffe.model import Action
from greffe.moodle.database import Database


@dataclass(frozen=True, slots=True)
class Table:
    """One table whose rows belong to a person."""

    name: str
    added: Action
    """What the journal calls a row that was added…"""
    removed: Action
    """…and one that was deleted."""
    place: str
    """The column that, with the person, finds the rows that could stand in a deleted one's place."""
    homes: Mapping[str, str]
    """Column → the table in which it must be found: a row without its home is nobody's."""
    key: tuple[str, ...] = ()
    """What only one row may have, beside place and person."""

    def key_of(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """What tells a row from any other, its id aside."""
        return (row[self.place], row["userid"], *(row[c] for c in self.key))


ENROLMENTS = Table("user_enrolments", Action.ENROL, Action.UNENROL, "enrolid", {"enrolid": "enrol"})
ROLES = Table(
    "role_assignments",
    Action.ASSIGN_ROLE,
    Action.REMOVE_ROLE,
    "contextid",
    {"contextid": "context", "roleid": "role"},
    ("roleid", "component", "itemid"),
)
MEMBERSHIPS = Table("groups_members", Action.JOIN_GROUP, Action.LEAVE_GROUP, "groupid", {"groupid": "groups"})
CONVERSATIONS = Table(
    "message_conversation_members",
    Action.JOIN_CONVERSATION,
    Action.LEAVE_CONVERSATION,
    "conversationid",
    {"conversationid": "message_conversations"},
)
GRADES = Table("grade_grades", Action.RESTORE_GRADE, Action.DELETE_GRADE, "itemid", {"itemid": "grade_items"})
TABLES = (
    ENROLMENTS,
    ROLES,
    MEMBERSHIPS,
    CONVERSATIONS,
    GRADES,
    Table(
        "user_lastaccess", Action.RESTORE_VISIT, Action.FORGET_VISIT, "courseid", {"courseid": "course"}
    ),
    Table("forum_subscriptions", Action.SUBSCRIBE, Action.UNSUBSCRIBE, "forum", {"forum": "forum"}),
    Table("forum_digests", Action.RESTORE_DIGEST, Action.DROP_DIGEST, "forum", {"forum": "forum"}),
    Table("forum_track_prefs", Action.RESTORE_TRACKING, Action.DROP_TRACKING, "forumid", {"forumid": "forum"}),
    Table(
        "forum_read",
        Action.RESTORE_READING,
        Action.FORGET_READING,
        "forumid",
        {"forumid": "forum"},
        ("discussionid", "postid"),
    ),
    Table("cohort_members", Action.JOIN_COHORT, Action.LEAVE_COHORT, "cohortid", {"cohortid": "cohort"}),
)  # fmt: skip
"""Enrolments first: what hangs on them comes back after them, and goes before them."""

OPPOSITE = {t.added: t.removed for t in TABLES} | {t.removed: t.added for t in TABLES}


def columns_here(db: Database) -> dict[str, tuple[str, ...]]:
    """Table → its columns on this site; a table that the site lacks is not in it."""
    return COLUMNS | rows.columns_of(db, [t.name for t in TABLES if t.name not in COLUMNS])
