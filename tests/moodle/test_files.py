"""Greffe leaves the rows that Moodle's own tools leave for the same file of people: tool_uploaduser's CLI and enrol_flatfile's
task in one copy of a site, ``greffe enrol`` in another.

What differs by design is written here and in docs/en/differences.md: a flat file's people become manual enrolments, whose roles
are nobody's; a group that a tool makes has an empty description, ours has none.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from greffe.commands._file.batch import Asked
from greffe.commands.enrol import Wishes, enrol
from greffe.config import parse
from greffe.errors import Exit
from greffe.intake.opening import open_batchfile
from greffe.intake.wants import Wants
from tests.integration.nights import NO_GUARDS
from tests.lab.site import MoodleSite
from tests.moodle.database import Database, connected
from tests.moodle.following.sides import Campus
from tests.moodle.following.steps import Day, Enrol, Visit
from tests.moodle.goldens import OF_FILES, keep, states_in
from tests.moodle.scenario import Course, User
from tests.moodle.site import Site, Sites, set_config
from tests.moodle.sqlworld import SqlWorld
from tests.moodle.state import Row, State, another_day, differences, read
from tests.moodle.tree import VERSIONS

COURSES = ("C1", "C2")
PEOPLE = tuple("abcdef")
FLATFILE_TASK = r"\enrol_flatfile\task\flatfile_sync_task"


@dataclass(frozen=True)
class Scenario:
    """The same files through one of Moodle's tools, and through Greffe."""

    name: str
    about: str
    files: tuple[str, ...]
    tool: Callable[[Site, Database, Path], str]


def upload_users(site: Site, _: Database, file: Path) -> str:
    """tool_uploaduser: accounts that are there are left as they are, but enrolled."""
    script = site.code / "admin" / "tool" / "uploaduser" / "cli" / "uploaduser.php"
    said = site.php(script, f"--file={file}", "--delimiter_name=comma", "--uutype=3", "--uuupdatetype=0")
    assert "Errors: 0" in said, said
    return said


def flat_file(site: Site, database: Database, file: Path) -> str:
    """enrol_flatfile, which reads a file at a place of its settings and deletes it; who leaves is unenrolled."""
    set_config(database, "enrol_flatfile", {"location": str(file), "unenrolaction": 0, "encoding": "UTF-8"})
    database.run(
        "UPDATE mdl_config SET value = %s WHERE name = 'enrol_plugins_enabled'",
        "manual,guest,self,cohort,flatfile",
    )
    site._forget()
    return site.task(FLATFILE_TASK)


HEAD = (
    "username,course1,role1,group1,enroltimestart1,enrolperiod1,enrolstatus1,course2,role2,enroltimestart2\n"
)
SCENARIOS = (
    Scenario(
        "upload-users",
        "what tool_uploaduser leaves of people in courses, with groups, limits and states",
        (
            HEAD + "a,C1,student,TD1,2026-09-01,100,,C2,editingteacher,2026-09-01\n"
            "b,C1,teacher,,2026-09-01,,0,,,\n"
            "c,C1,student,TD1,2026-09-01,10,1,,,\n"
            "d,C2,,TD2,2026-09-01,,,,,\n",
            HEAD + "a,C1,editingteacher,TD2,2026-10-01,100,,,,\n"
            "c,C1,student,TD1,2026-09-01,20,0,,,\n"
            "e,C1,student,TD1,2026-09-01,,1,C2,student,2026-09-01\n",
        ),
        upload_users,
    ),
    Scenario(
        "flat-file",
        "what enrol_flatfile leaves of people in courses, and of those whom it takes out",
        (
            "add,student,a,C1\nadd,student,b,C1,1000000000,4000000000\nadd,editingteacher,c,C2\nadd,student,d,C1\n",
            "del,student,a,C1\nadd,student,b,C1,1100000000,4000000000\nadd,teacher,d,C1\nadd,student,e,C2\n",
        ),
        flat_file,
    ),
)


def prepare(world: Campus | SqlWorld) -> None:
    world.prepare([Course(c) for c in COURSES], [User(p) for p in PEOPLE])


def by_day(database: Database, day: int) -> None:
    """What people do between the files."""
    if day == 2:
        Day(database).live((Visit("C1", "a"), Enrol("C2", "f", "editingteacher")))


def moodle_plays(scenario: Scenario, site: Site, database: Database, folder: Path) -> list[State]:
    prepare(Campus(site, database))
    states = []
    for days, text in enumerate(scenario.files, 1):
        by_day(database, days)
        another_day(database)
        file = folder / f"{days}.csv"
        file.write_text(text, encoding="utf-8")
        scenario.tool(site, database, file)
        states.append(plain(database, days))
    return states


def greffe_plays(scenario: Scenario, database: Database, folder: Path, zone: ZoneInfo) -> list[State]:
    config = parse({"moodle": database.configuration(), "guards": NO_GUARDS}, "test.toml")
    states = []
    for days, text in enumerate(scenario.files, 1):
        by_day(database, days)
        another_day(database)
        file = folder / f"greffe-{days}.csv"
        file.write_text(text, encoding="utf-8")
        done = enrol(config, open_batchfile(file, wants=Wants.PEOPLE, zone=zone), Wishes(), Asked())
        assert done.result is not None, done.lines.refused
        assert (done.result.exit, done.refused) == (Exit.DONE, [])
        states.append(plain(database, days))
    return states


def plain(database: Database, days: int) -> State:
    """The state with what differs by design told in one way."""
    state = read(database, days)
    state["enrol"] = [r for r in state["enrol"] if r["enrol"] != "flatfile"]
    for row in state.get("user_enrolments", []):
        row["enrolid"] = row["enrolid"].replace("/flatfile", "/manual")
    for row in state.get("role_assignments", []):
        if row["component"] == "enrol_flatfile":
            row["component"], row["itemid"] = "", 0
    for group in state.get("groups", []):
        _without_empty_description(group)
    return {t: sorted(rows, key=lambda r: json.dumps(r, sort_keys=True)) for t, rows in state.items() if rows}


def _without_empty_description(group: Row) -> None:
    if not group.get("description"):
        group.pop("description", None)


def golden(scenario: Scenario) -> tuple[list[State], ZoneInfo]:
    """The states after each file, as Moodle once left them, and the time zone of that site."""
    file = OF_FILES / f"{scenario.name}.json"
    return states_in(file), ZoneInfo(json.loads(file.read_text(encoding="utf-8"))["zone"])


def zone_of(database: Database) -> ZoneInfo:
    ((zone,),) = database.query("SELECT value FROM mdl_config WHERE name = 'timezone'")
    return ZoneInfo(zone)


@pytest.mark.moodle
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)
def test_the_same_rows_as_moodles_own_tools(
    scenario: Scenario, version: str, moodles: Sites, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    site = moodles(version)
    site.reset()
    with site.database() as database:
        zone = zone_of(database)
        moodle = moodle_plays(scenario, site, database, tmp_path)
    if request.config.getoption("--record", default=False):
        keep(OF_FILES / f"{scenario.name}.json", moodle, about=scenario.about, zone=zone.key)
    assert not differences(golden(scenario)[0], moodle)

    site.reset()
    with site.database() as database:
        prepare(Campus(site, database))
        assert not differences(moodle, greffe_plays(scenario, database, tmp_path, zone))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)
def test_greffe_writes_the_golden_rows(scenario: Scenario, moodle_site: MoodleSite, tmp_path: Path) -> None:
    states, zone = golden(scenario)
    with connected(moodle_site.server, moodle_site.dbname) as database:
        prepare(SqlWorld(database))
        assert not differences(states, greffe_plays(scenario, database, tmp_path, zone))
