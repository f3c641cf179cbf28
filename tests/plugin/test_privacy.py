"""What is kept of a person is exported to him, and can be deleted without touching anybody else's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from greffe.demo.moodle_tables import add_courses, add_users
from tests.moodle.database import Database
from tests.moodle.site import Site, Sites
from tests.moodle.tree import VERSIONS

pytestmark = pytest.mark.moodle
PRIVACY = Path(__file__).parent / "php" / "privacy.php"


def ask(made: Site, what: str, username: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        made.php(PRIVACY, stdin=json.dumps({"what": what, "username": username}))
    )
    return found


def fill(database: Database) -> None:
    """Two people with the same in each table: in a course, in a cohort, waiting by each field, as senders."""
    with database.rows() as into:
        people = add_users(into, [{"username": u, "idnumber": f"n-{u}", "email": f"{u}@x.org"} for u in "ab"])
        (course,) = add_courses(into, [{"shortname": "LAW1"}])
        for name, person in zip("ab", people, strict=True):
            into.insert("local_greffe_change", [
                {"userid": person, "courseid": course, "cohortid": 0, "action": "enrol", "timecreated": 1_790_000_000},
                {"userid": person, "courseid": 0, "cohortid": 7, "action": "join-cohort", "timecreated": 1_790_000_000},
            ])  # fmt: skip
            into.insert("local_greffe_waiting", [
                {"field": field, "person": value, "feed": "ip", "courseid": course}
                for field, value in (
                    ("idnumber", f"n-{name}"), ("username", name), ("email", f"{name}@x.org"), ("id", str(person))
                )
            ])  # fmt: skip
            into.insert(
                "local_greffe_message", [{"userid": person, "courseid": course, "subject": f"of {name}"}]
            )


def left(database: Database) -> list[int]:
    tables = ("change", "waiting", "message")
    return [int(database.query(f"SELECT COUNT(*) FROM mdl_local_greffe_{t}")[0][0]) for t in tables]


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_kept_of_a_person(version: str, plugged: Sites) -> None:
    made = plugged(version)
    made.reset()
    with made.database() as database:
        fill(database)
        assert left(database) == [4, 8, 2]
        found = ask(made, "export", "a")
        assert found["missing"] == []
        assert found["levels"] == [10, 50]
        assert found["users"] == [True, True]
        exported = found["exported"]
        assert sorted(row["action"] for row in exported["changes"]) == ["enrol", "join-cohort"]
        assert {row["person"] for row in exported["waiting"]} >= {"n-a", "a", "a@x.org"}
        assert len(exported["waiting"]) == 4
        assert [row["subject"] for row in exported["messages"]] == ["of a"]
        ask(made, "delete", "a")
        assert left(database) == [2, 4, 1]
        assert ask(made, "look", "a")["levels"] == []
        ask(made, "delete-list", "b")
        assert left(database) == [0, 0, 0]
        fill_again = "INSERT INTO mdl_local_greffe_change (userid, courseid) SELECT id, 0 FROM mdl_user WHERE username = 'b'"
        database.run(fill_again)
        ask(made, "delete-all", "b")
        assert left(database) == [0, 0, 0]
