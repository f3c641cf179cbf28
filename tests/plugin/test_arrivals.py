"""People whom the university registered before they had an account get their places the moment it appears."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from greffe.commands.plan import plan
from greffe.commands.runs import runs, show
from greffe.commands.undo import undo
from greffe.demo.moodle_tables import add_courses, add_users
from greffe.moodle.database import connect
from greffe.moodle.locks import own_key
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite
from tests.moodle.site import Site, Sites, php, set_config
from tests.moodle.tree import VERSIONS

pytestmark = pytest.mark.moodle
ARRIVE = Path(__file__).parent / "php" / "arrive.php"
BROKEN = Path(__file__).parent / "php" / "broken.php"
TASK = "\\local_greffe\\task\\arrivals"
HEADER = "course;who;role;grp;cohort;other"
NEW = "20260009"
THERE = ("LAW1;20260001;student;G1;C26;", "LAW2;20260001;student;;;")
HIS = (
    f"LAW1;{NEW};student;G1;C26;",
    f"LAW1;{NEW};student;G2;C26;",
    f"LAW2;{NEW};teacher;;;",
    f"LAW2;{NEW};student;;;",
    f"LAW3;{NEW};teacher;;;1",
)
PLACES = {
    "LAW1": {"roles": ["student"], "groups": ["G1", "G2"]},
    "LAW2": {"roles": ["student", "teacher"], "groups": []},
}


def campus(made: Site, directory: Path, *people: str, match: str = "idnumber") -> Nights:
    """Three courses, one person who has an account; everybody named has had his night."""
    made.reset()
    with made.database() as database:
        set_config(database, "auth_manual", {"field_lock_idnumber": "locked"})
    with made.database() as database, database.rows() as into:
        add_users(into, [{"username": "u1", "idnumber": "20260001", "email": "u1@example.org"}])
        add_courses(into, [{"shortname": c, "idnumber": c} for c in ("LAW1", "LAW2", "LAW3")])
    nights = Nights(MoodleSite(made.server, made.name), directory)
    nights.feeds["ip"] = {"person": {"column": "who", "match": match}}
    nights.rule("ip", role="{{ role }}", group="{{ grp }}", other_user="{{ other }}")
    nights.cohort("ip")
    nights.more["guards"] = {"feed": {"removals": "none", "suspensions": "none", "emptied": "none"}}
    deliver(nights, *people)
    assert nights.night().state == "done"
    return nights


def deliver(nights: Nights, *lines: str) -> None:
    nights.feed("ip", HEADER, list(lines), shrink="none", unknown_people="none")


def act(made: Site, what: str, username: str = "new", **fields: object) -> dict[str, Any]:
    """Let something happen to an account; what its person then finds."""
    names = {"firstname": "Nouvelle", "lastname": "Venue", "email": f"{username}@example.org"}
    values = (names | fields) if what.startswith("create") else fields
    order = {"what": what, "username": username, "fields": values}
    found: dict[str, Any] = json.loads(made.php(ARRIVE, stdin=json.dumps(order)))
    return found


def by_sql(made: Site, username: str = "new", **values: object) -> int:
    """An account that appears without an event; its id."""
    with made.database() as database, database.rows() as into:
        return add_users(into, [{"username": username, "email": f"{username}@example.org", **values}])[0]


def waiting(made: Site) -> int:
    with made.database() as database:
        return int(database.query("SELECT COUNT(*) FROM mdl_local_greffe_waiting")[0][0])


@contextmanager
def locked(made: Site) -> Iterator[None]:
    """Another Greffe is at work."""
    engine = made.server.engine
    db = connect(MoodleSite(made.server, made.name).settings)
    key = own_key(engine, f"{made.name}:mdl_")
    params: dict[str, Any] = {"key1": key.key1} | ({"key2": key.key2} if engine == "postgresql" else {})
    try:
        assert db.value("take_lock", **params) == 1
        yield
    finally:
        db.close()


@pytest.mark.parametrize("version", VERSIONS)
def test_from_arrival_to_the_next_night_and_back(version: str, plugged: Sites, tmp_path: Path) -> None:
    made = plugged(version)
    nights = campus(made, tmp_path, *THERE, *HIS)
    assert waiting(made) == 7
    config = nights.config()

    # he logs in for the first time; nobody told Moodle that he was created
    person = by_sql(made, idnumber=NEW)
    found = act(made, "login")
    assert found["courses"] == PLACES
    assert found["cohorts"] == ["C26"]
    assert waiting(made) == 0

    # journalled like any other change, but not to be relayed: Moodle has fired its own events
    latest = runs(config)[0]
    assert (latest.kind, latest.state, latest.changes) == ("arrivals", "done", 10)
    assert latest.counts == {
        "assign-role": 4,
        "create-group": 1,
        "enrol": 2,
        "join-cohort": 1,
        "join-group": 2,
    }
    with show(config, latest.id) as (_, record, changes):
        lines = {c.line for c in changes if c.user}
        assert record.kind == "arrivals"
    assert lines == {4, 5, 6, 7, 8}
    with made.database() as database:
        told = database.query(
            "SELECT DISTINCT outcome, CASE WHEN relayed > 0 THEN 1 ELSE 0 END FROM mdl_local_greffe_change WHERE runid = %s",
            latest.id,
        )
        assert told == [("moodle", 1)]
        events = database.query(
            "SELECT COUNT(*) FROM mdl_logstore_standard_log WHERE relateduserid = %s AND eventname = %s",
            person, "\\core\\event\\user_enrolment_created",
        )  # fmt: skip
        assert events == [(2,)]

    # the next night has nothing to do for him
    assert plan(config).plan.size == 0
    assert nights.night().counts == {}

    # and all of it can be taken back: nothing of his is left, but the group that was made
    undoing = undo(config, latest.id)
    assert undoing.refused == []
    assert {c for c, u in nights.enrolments() if u == "new"} == set()
    assert [r for r in nights.roles() if r[1] == "new"] == []
    assert "new" not in nights.cohort_members()["C26"]
    # the next night brings him back, and is taken back itself
    again = nights.night()
    assert again.counts["enrol"] == 2
    assert {c for c, u in nights.enrolments() if u == "new"} == {"LAW1", "LAW2"}
    assert undo(config, again.run).refused == []
    assert {c for c, u in nights.enrolments() if u == "new"} == set()


@pytest.mark.parametrize("version", VERSIONS)
def test_the_ways_of_an_account(version: str, plugged: Sites, tmp_path: Path) -> None:
    made = plugged(version)
    campus(made, tmp_path, *THERE, *HIS)
    # made by somebody's hand, at first without a number
    assert act(made, "create")["courses"] == {}
    assert act(made, "update", idnumber=NEW)["courses"] == PLACES

    campus(made, tmp_path, *THERE, *HIS)
    assert act(made, "create", idnumber=NEW)["courses"] == PLACES
    campus(made, tmp_path, *THERE, *HIS)
    assert act(made, "create-in-transaction", idnumber=NEW)["courses"] == PLACES

    # by username, on the site's own host alone
    hers = [line.replace(NEW, "new") for line in HIS]
    campus(made, tmp_path, *hers, match="username")
    by_sql(made, "abroad", mnethostid=7)
    with made.database() as database:
        database.run("UPDATE mdl_user SET username = 'new' WHERE username = 'abroad'")
    made.task(TASK)
    assert waiting(made) == 7
    with made.database() as database:
        database.run("UPDATE mdl_user SET mnethostid = 1 WHERE username = 'new'")
    assert act(made, "login")["courses"] == PLACES

    # by address
    campus(made, tmp_path, *[line.replace(NEW, "new@example.org") for line in HIS], match="email")
    assert act(made, "create")["courses"] == PLACES


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_not_done_at_once_the_task_does(version: str, plugged: Sites, tmp_path: Path) -> None:
    made = plugged(version)
    campus(made, tmp_path, *THERE, *HIS)
    with locked(made):
        found = act(made, "create", idnumber=NEW)
        assert found["courses"] == {}
        assert found["took"] < 1.5
        assert "another Greffe" in made.task(TASK)
    assert "got their places: 1" in made.task(TASK)
    assert act(made, "look")["courses"] == PLACES
    assert "got their places" not in made.task(TASK)


@pytest.mark.parametrize("version", VERSIONS)
def test_who_gets_nothing(version: str, plugged: Sites, tmp_path: Path) -> None:
    made = plugged(version)
    nights = campus(made, tmp_path, *THERE, *HIS)

    def nobody(why: str) -> None:
        assert act(made, "login")["courses"] == {}, why
        made.task(TASK)
        assert act(made, "look")["courses"] == {}, why
        assert waiting(made) == 7

    person = by_sql(made, idnumber=NEW)
    with made.database() as database:
        (night,) = database.query("SELECT MAX(id) FROM mdl_local_greffe_run")[0]

        def run(column: str, value: object) -> None:
            database.run(f"UPDATE mdl_local_greffe_run SET {column} = %s WHERE id = %s", value, night)

        second = by_sql(made, "second", idnumber=NEW)
        nobody("two accounts have the number")
        database.run("UPDATE mdl_user SET deleted = 1 WHERE id = %s", second)
        run("state", "held")
        nobody("the night was held")
        with database.transaction():
            database.run(
                "INSERT INTO mdl_local_greffe_run (kind, state, timestarted) VALUES ('nightly', 'running', %s)",
                int(time.time()),
            )
        run("state", "done")
        nobody("a night runs, through another node of the cluster")
        database.run("DELETE FROM mdl_local_greffe_run WHERE state = 'running'")
        for state in ("held", "failed", "interrupted", "killed"):
            database.run("INSERT INTO mdl_local_greffe_run (kind, state) VALUES ('nightly', %s)", state)
            nobody(f"a later night is {state}")
            database.run("DELETE FROM mdl_local_greffe_run WHERE id > %s", night)
        run("state", "killed")
        nobody("the night has not ended")
        run("state", "done")
        run("reason", "blackout")
        nobody("the calendar keeps everything out")
        run("reason", "")
        database.run("UPDATE mdl_local_greffe_waiting SET runid = runid + 1")
        nobody("the list is of a night that did not come to its end")
        database.run("UPDATE mdl_local_greffe_waiting SET runid = runid - 1")
        database.run("UPDATE mdl_local_greffe_feed SET timecreated = timecreated - 9 * 86400")
        nobody("the last good night is too long ago")
        database.run("UPDATE mdl_local_greffe_feed SET timecreated = timecreated + 9 * 86400")
        set_config(database, "local_greffe", {"arrivalsenabled": 0})
        made._forget()
        nobody("it is switched off")
        set_config(database, "local_greffe", {"arrivalsenabled": 1})
        made._forget()
        config = nights.config()
        nights.more["guards"] |= {"scope": {"removals": "none", "suspensions": "none"}}
        assert undo(nights.config(), night).result is not None
        nobody("the night was taken back")
        database.run("DELETE FROM mdl_local_greffe_run WHERE undoes = %s", night)
        assert plan(config).plan.size > 0
        database.run("UPDATE mdl_user SET suspended = 0 WHERE id = %s", person)
    assert set(act(made, "login")["courses"]) == {"LAW1", "LAW2"}


@pytest.mark.parametrize("version", VERSIONS)
def test_nobody_gets_what_he_only_claims_to_be(version: str, plugged: Sites, tmp_path: Path) -> None:
    made = plugged(version)
    campus(made, tmp_path, *THERE, *HIS)
    by_sql(made, confirmed=0)

    def nobody(why: str) -> None:
        assert act(made, "login")["courses"] == {}, why
        made.task(TASK)
        assert act(made, "look")["courses"] == {}, why
        assert waiting(made) == 7

    with made.database() as database:

        def change(statement: str) -> None:
            database.run(statement)
            made._forget()

        change(f"UPDATE mdl_user SET idnumber = '{NEW}' WHERE username = 'new'")
        nobody("the account is not confirmed")
        change("UPDATE mdl_user SET confirmed = 1 WHERE username = 'new'")
        change("UPDATE mdl_config_plugins SET value = 'unlocked' WHERE name = 'field_lock_idnumber'")
        nobody("he can write the number himself")
        change("UPDATE mdl_config_plugins SET value = 'locked' WHERE name = 'field_lock_idnumber'")
        change("UPDATE mdl_config SET value = 'manual' WHERE name = 'registerauth'")
        nobody("he opened the account himself")
        change("UPDATE mdl_config SET value = '' WHERE name = 'registerauth'")
        change("UPDATE mdl_config_plugins SET value = 'unlocked' WHERE name = 'field_lock_idnumber'")
        set_config(database, "local_greffe", {"arrivalstrust": 1})
        made._forget()
    assert act(made, "login")["courses"] == PLACES


@pytest.mark.parametrize("version", VERSIONS)
def test_our_trouble_is_not_the_visitors(version: str, plugged: Sites, tmp_path: Path) -> None:
    made = plugged(version)
    nights = campus(made, tmp_path, *THERE, *HIS)
    by_sql(made, idnumber=NEW)
    made.debugging = False
    try:
        with made.database() as database:
            database.run("ALTER TABLE mdl_local_greffe_change RENAME TO gone")
            try:
                assert act(made, "login")["courses"] == {}
                made.task(TASK)
            finally:
                database.run("ALTER TABLE gone RENAME TO mdl_local_greffe_change")
        failed = [r for r in runs(nights.config()) if r.state == "failed"]
        assert [(r.kind, r.error.startswith("dml_")) for r in failed] == [("arrivals", True)]
        assert NEW not in failed[0].error
        assert waiting(made) == 7
        assert act(made, "login")["courses"] == PLACES
    finally:
        made.debugging = True


def beside(made: Site, way: str, username: str = "new") -> str:
    """The task, while an observer of another plugin breaks so for one person; what it said."""
    done = subprocess.run(
        [*php(), str(BROKEN), username, way], env=made.environment, text=True, capture_output=True, check=False,
        cwd=made.dataroot,
    )  # fmt: skip
    return done.stdout


@pytest.mark.parametrize("version", VERSIONS)
def test_one_persons_trouble_is_not_the_next_ones(version: str, plugged: Sites, tmp_path: Path) -> None:
    """Whatever an observer does for one of them, the others get their places, and nights are not lost among failures."""
    made = plugged(version)
    made.debugging = False
    others = ("o1", "o2", "o3")
    try:
        for way in ("exception", "left", "after", "exit"):
            (tmp_path / way).mkdir()
            lines = [f"LAW2;n-{name};student;;;" for name in ("new", *others)]
            nights = campus(made, tmp_path / way, *THERE, *lines)
            by_sql(made, idnumber="n-new")
            for name in others:
                by_sql(made, name, idnumber=f"n-{name}")
            said = beside(made, way)
            assert ("done" in said) == (way != "exit"), way
            beside(made, way)  # who was not reached before an exit; he himself is left alone for a day
            there = {u for _, u in nights.enrolments()} - {"u1"}
            # after a commit his own place stands: only what the observer began is gone
            assert there == {*others, *(["new"] if way == "after" else [])}, way
            failed = [r for r in runs(nights.config()) if r.state == "failed"]
            assert [r.kind for r in failed] == (["arrivals"] if way != "exit" else []), way
            if way in ("left", "after"):
                assert "transaction" in failed[0].error
            if way == "after":
                continue

            # a day later he is tried again; when he is here himself, at once
            before = failed[0].ended if failed else 0
            made.task(TASK)
            assert waiting(made) == 1, way
            with made.database() as database:
                database.run("UPDATE mdl_local_greffe_run SET timeended = 7 WHERE state = 'failed'")
                if way == "exception":
                    assert before
                    beside(made, way)
                    assert database.query(
                        "SELECT timeended FROM mdl_local_greffe_run WHERE state = 'failed'"
                    ) == [(7,)]
            assert "LAW2" in act(made, "login")["courses"], way
    finally:
        made.debugging = True


@pytest.mark.parametrize("version", VERSIONS)
def test_failures_of_a_day_are_one_run(version: str, plugged: Sites, tmp_path: Path) -> None:
    made = plugged(version)
    made.debugging = False
    try:
        nights = campus(made, tmp_path, *THERE, f"LAW2;{NEW};student;;;", "LAW2;n-o1;student;;;")
        by_sql(made, idnumber=NEW)
        by_sql(made, "o1", idnumber="n-o1")
        with made.database() as database:
            database.run("ALTER TABLE mdl_local_greffe_change RENAME TO gone")
            try:
                for _ in range(3):
                    made.task(TASK)
                    act(made, "login")
            finally:
                database.run("ALTER TABLE gone RENAME TO mdl_local_greffe_change")
            assert [r.state for r in runs(nights.config())] == ["failed", "done"]
            database.run(
                "UPDATE mdl_local_greffe_run SET timestarted = timestarted - 86400 WHERE state = 'failed'"
            )
            beside(made, "exception")
        assert [r.state for r in runs(nights.config())] == ["failed", "failed", "done"]
    finally:
        made.debugging = True
