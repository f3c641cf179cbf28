"""Evenings of methods that rules make: what Moodle's own pages are asked to do, and what asks Greffe for the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from greffe.commands.nightly import nightly
from greffe.config import parse
from greffe.errors import Exit
from tests.integration.nights import NO_GUARDS
from tests.moodle.database import Database
from tests.moodle.following.sides import PLUGINS, Campus, moodle_tasks
from tests.moodle.following.steps import Day, Enrol, Members, Step, Visit
from tests.moodle.scenario import Course, User
from tests.moodle.site import Site
from tests.moodle.sqlworld import SqlWorld
from tests.moodle.state import State, another_day, read

PHP = Path(__file__).parent / "php" / "links.php"

COURSES = ("MED1", "MED2", "PARENT", "CHILD")
PEOPLE = tuple("abcde")
Links = list[dict[str, Any]]


@dataclass(frozen=True)
class Evening:
    """What happened by day, what Moodle is asked to do, and the rules that ask Greffe for the same."""

    day: tuple[Step, ...]
    moodle: list[dict[str, Any]]
    rules: Links


def cohort(*rows: tuple[str, str], **options: Any) -> dict[str, Any]:
    return {"method": "cohort", "table": [{"course": c, "cohort": k} for c, k in rows], **options}


def meta(*rows: tuple[str, str], **options: Any) -> dict[str, Any]:
    return {"method": "meta", "table": [{"course": c, "parent": p} for c, p in rows], **options}


def step(what: str, course: str, source: str, method: str = "cohort", **more: Any) -> dict[str, Any]:
    return {"step": what, "course": course, "source": source, "method": method, **more}


EVENINGS = (
    Evening(
        (Members("L1", ("a", "b", "c")), Members("L2", ("c", "d")), Enrol("PARENT", "e", "editingteacher")),
        [
            step("add", "MED1", "L1", role="student"),
            step("add", "MED2", "L2", role="teacher", group="Promo L2"),
            step("add", "PARENT", "L1", role="student"),
            step("add", "CHILD", "PARENT", "meta"),
        ],
        [
            cohort(("MED1", "L1"), ("PARENT", "L1"), group=""),
            cohort(("MED2", "L2"), role="teacher", new_group="Promo {{ cohort }}"),
            meta(("CHILD", "PARENT"), group=""),
        ],
    ),
    Evening(
        (Members("L1", ("b", "c", "d")), Visit("MED1", "a")),
        [
            step("update", "MED1", "L1", role="teacher"),
            step("update", "MED2", "L2", group=""),
            step("update", "CHILD", "PARENT", "meta", group="Tout le monde"),
        ],
        [
            cohort(("MED1", "L1"), role="teacher", group=""),
            cohort(("PARENT", "L1"), group=""),
            cohort(("MED2", "L2"), role="teacher", group=""),
            meta(("CHILD", "PARENT"), new_group="Tout le monde"),
        ],
    ),
    Evening(
        (Visit("MED2", "c"), Visit("MED1", "b")),
        [
            step("status", "MED1", "L1", status=1),
            step("delete", "MED2", "L2"),
            step("status", "CHILD", "PARENT", "meta", status=1),
        ],
        [
            cohort(("MED1", "L1"), role="teacher", group="", enabled=False, surplus="delete"),
            cohort(("PARENT", "L1"), group="", surplus="delete"),
            meta(("CHILD", "PARENT"), group="Tout le monde", enabled=False),
        ],
    ),
    Evening(
        (Members("L1", ("a", "b")),),
        [
            step("status", "MED1", "L1", status=0),
            step("status", "CHILD", "PARENT", "meta", status=0),
        ],
        [
            cohort(("MED1", "L1"), role="teacher", group=""),
            cohort(("PARENT", "L1"), group=""),
            meta(("CHILD", "PARENT"), group="Tout le monde"),
        ],
    ),
)


def prepare(world: Campus | SqlWorld) -> None:
    world.prepare([Course(c) for c in COURSES], [User(p) for p in PEOPLE])
    world.database.run("UPDATE mdl_config SET value = %s WHERE name = 'enrol_plugins_enabled'", PLUGINS)


def moodle_plays(
    site: Site, database: Database, within: Callable[[], AbstractContextManager[None]] = nullcontext
) -> list[State]:
    """Its API, then its tasks, ``within`` something that watches."""
    prepare(Campus(site, database))
    states = []
    for days, evening in enumerate(EVENINGS, 1):
        Day(database).live(evening.day)
        another_day(database)
        with within():
            site.php(PHP, stdin=json.dumps(evening.moodle))
            moodle_tasks(site)
        states.append(plain(database, days))
    return states


def plain(database: Database, days: int) -> State:
    """Cohorts by their idnumbers: two copies of a site do not share ids."""
    state = read(database, days)
    cohorts = dict(database.query("SELECT id, idnumber FROM mdl_cohort"))
    groups = dict(database.query("SELECT id, name FROM mdl_groups"))
    for row in state["enrol"]:
        if row["enrol"] == "cohort":
            row["customint1"] = cohorts[row["customint1"]]
        if row.get("customint2"):
            row["customint2"] = groups.get(row["customint2"], row["customint2"])
    return state


def greffe_plays(
    database: Database,
    after: Callable[[], object] = lambda: None,
    within: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> list[State]:
    """A night for each evening, and what comes ``after`` it, ``within`` something that watches."""
    states = []
    for days, evening in enumerate(EVENINGS, 1):
        Day(database).live(evening.day)
        another_day(database)
        with within():
            night(database, evening.rules)
            states.append(plain(database, days))
            after()
    return states


def night(database: Database, rules: Links) -> None:
    moodle = database.configuration()
    result = nightly(parse({"moodle": moodle, "link": rules, "guards": NO_GUARDS}, "test.toml"))
    assert (result.exit, result.refused) == (Exit.DONE, [])
