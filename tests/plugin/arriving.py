"""People whom the university registered before they have an account, and the moment at which it appears."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from greffe.demo.moodle_tables import add_courses, add_users
from greffe.moodle.database import connect
from greffe.moodle.locks import own_key
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite
from tests.moodle.database import Database
from tests.moodle.site import PHP, Site, set_config

ARRIVE = Path(__file__).parent / "php" / "arrive.php"
BROKEN = Path(__file__).parent / "php" / "broken.php"
CLOCK = Path(__file__).parent / "php" / "clock.php"
"""Run before a script, it lets the plugin's clock jump back an hour."""
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
    """How many places are kept for people who have no account yet."""
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


def beside(made: Site, way: str, username: str = "new") -> str:
    """The task, while an observer of another plugin breaks so for one person; what it said."""
    done = subprocess.run(
        [*PHP, str(BROKEN), username, way], env=made.environment, text=True, capture_output=True, check=False,
        cwd=made.dataroot,
    )  # fmt: skip
    return done.stdout


def nobody(made: Site, why: str) -> None:
    """Neither a login nor the task gives the new account anything, and all who wait go on waiting."""
    assert act(made, "login")["courses"] == {}, why
    made.task(TASK)
    assert act(made, "look")["courses"] == {}, why
    assert waiting(made) == 7


@contextmanager
def not_debugging(made: Site) -> Iterator[None]:
    """As a site in production is: Moodle shows no page what went wrong."""
    made.debugging = False
    try:
        yield
    finally:
        made.debugging = True


@contextmanager
def without_journal(database: Database) -> Iterator[None]:
    """Nothing can be written into Greffe's journal."""
    database.run("ALTER TABLE mdl_local_greffe_change RENAME TO gone")
    try:
        yield
    finally:
        database.run("ALTER TABLE gone RENAME TO mdl_local_greffe_change")
