"""What is kept of a person is exported to him, and can be deleted without touching anybody else's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from greffe.demo.moodle_tables import add_courses, add_users
from tests.moodle.database import Database
from tests.moodle.site import Site, Sites, set_config
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


def lock_fields(database: Database) -> None:
    """Nobody writes his own number or address."""
    set_config(database, "auth_manual", {"field_lock_idnumber": "locked", "field_lock_email": "locked"})


def left(database: Database) -> list[int]:
    tables = ("change", "waiting", "message")
    return [int(database.query(f"SELECT COUNT(*) FROM mdl_local_greffe_{t}")[0][0]) for t in tables]


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_kept_of_a_person(version: str, plugged: Sites) -> None:
    made = plugged(version)
    made.reset()
    with made.database() as database:
        lock_fields(database)
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


@pytest.mark.parametrize("version", VERSIONS)
def test_what_belongs_to_a_course_that_is_gone(version: str, plugged: Sites) -> None:
    made = plugged(version)
    made.reset()
    with made.database() as database:
        lock_fields(database)
        fill(database)
        for table in ("change", "message"):
            database.run(f"UPDATE mdl_local_greffe_{table} SET courseid = 4711 WHERE courseid > 0")
        found = ask(made, "export", "a")
        assert (found["levels"], found["users"]) == ([10], [True])
        assert sorted(row["action"] for row in found["exported"]["changes"]) == ["enrol", "join-cohort"]
        assert [row["subject"] for row in found["exported"]["messages"]] == ["of a"]
        ask(made, "delete", "a")
        assert left(database) == [2, 4, 1]
        ask(made, "delete-all", "b")
        assert left(database) == [0, 0, 0]


@pytest.mark.parametrize("version", VERSIONS)
def test_others_stay_out_of_it(version: str, plugged: Sites) -> None:
    """Numbers of people in other people's messages, and what waits for somebody else."""
    made = plugged(version)
    made.reset()
    with made.database() as database:
        fill(database)
        ids = dict(database.query("SELECT username, id FROM mdl_user WHERE username IN ('a', 'b')"))
        failures = [{"user": ids["a"], "why": "left"}, {"user": ids["b"], "why": "send"}]
        database.run(
            "UPDATE mdl_local_greffe_message SET recipients = %s, failures = %s WHERE subject = 'of b'",
            json.dumps([ids["a"], ids["b"], 10 * ids["a"]]),
            json.dumps(failures),
        )
        # he can write his number himself: what waits by it may be anybody's; an address must be confirmed by mail
        exported = ask(made, "export", "a")["exported"]
        assert {row["field"] for row in exported["waiting"]} == {"username", "email", "id"}
        assert len(exported["addressed"]) == 1
        (sent,) = ask(made, "export", "b")["exported"]["messages"]
        assert not {"recipients", "failures"} & sent.keys()
        database.run("DELETE FROM mdl_local_greffe_message WHERE subject = 'of a'")
        assert ask(made, "delete", "a")["users"] == [True, True]
        assert left(database) == [2, 5, 1]
        ((recipients, kept),) = database.query("SELECT recipients, failures FROM mdl_local_greffe_message")
        assert json.loads(recipients) == [ids["b"], 10 * ids["a"]]
        assert json.loads(kept) == [{"user": 0, "why": "left"}, {"user": ids["b"], "why": "send"}]
        assert ask(made, "look", "a")["levels"] == []
