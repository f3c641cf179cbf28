"""A site that Moodle's own task has brought in step is taken over without a change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from greffe.commands.init import init
from greffe.commands.plan import plan
from greffe.config import load
from greffe.config.moodle import Moodle
from greffe.config.secret import Secret
from tests.moodle import scenario
from tests.moodle.database import Database
from tests.moodle.scenario import Course, Row, Settings, User
from tests.moodle.scenarios.common import CLASS, USERS, WITHOUT
from tests.moodle.site import Sites
from tests.moodle.steps import SuspendByHand
from tests.moodle.tree import VERSIONS
from tests.moodle.world import MoodleTask, MoodleWorld, moodle_settings

COURSES = (
    Course("LAW101", shortname="Droit civil"),
    Course("LAW102", shortname="Droit pénal"),
    Course("MED201", visible=False),
)
HIDDEN = Row("MED201", "20260004")
CHOICES = (
    Settings("keep"),
    Settings("suspend", person="username", course="shortname", hidden_courses="skip"),
    Settings("suspend-no-roles", person="email", others=True),
    Settings("unenrol", person="id", course="id", hidden_courses="skip"),
    Settings("unenrol", course="shortname", default_role=""),
    Settings("suspend", person="email", course="id", default_role="", others=True),
)
"""Each setting with each of its values, in few sites."""


def named(database: Database, settings: Settings, rows: tuple[Row, ...]) -> list[Row]:
    """The rows, with courses and people named as the settings want it."""
    courses = dict(database.query(f"SELECT idnumber, {settings.course} FROM mdl_course"))
    people = dict(database.query(f"SELECT idnumber, {settings.person} FROM mdl_user"))
    return [replace(r, course=str(courses[r.course]), person=str(people[r.person])) for r in rows]


@pytest.mark.moodle
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("settings", CHOICES, ids=lambda s: f"{s.leavers}-{s.person}-{s.course}")
def test_the_first_plan_is_empty(
    settings: Settings, version: str, moodles: Sites, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = moodles(version)
    site.reset(moodle_settings(settings))
    other = Row("LAW102", "E1789", "teacher", other="1" if settings.others else "")
    with site.database() as database, site.living() as living:
        world, task = MoodleWorld(living, database), MoodleTask(living)
        world.prepare(COURSES, (*USERS, User("20260008", suspended=True)))
        nights = ((*CLASS, HIDDEN, other), (*WITHOUT, HIDDEN, other, Row("LAW101", "20260008", "teacher")))
        for rows in nights:
            scenario.load(database, named(database, settings, rows))
            task.night(settings)
        # what the registrations cannot know of, and Moodle does not look at either
        database.run("INSERT INTO registrations VALUES ('nowhere', 'nobody', 'nothing', '')")
        if settings.leavers == "keep":
            world.live([SuspendByHand("Droit civil", "20260001")])

        monkeypatch.setenv("GREFFE_MOODLE_PASSWORD", site.server.password)
        monkeypatch.setenv("GREFFE_FEED_PASSWORD", site.server.password)
        socket = site.server.host.startswith("/")
        moodle = Moodle(
            type="pgsql" if site.server.engine == "postgresql" else "mariadb",
            host=None if socket else site.server.host, socket=site.server.host if socket else None, port=site.server.port, name=site.name, user=site.server.user,
            password=Secret(env="GREFFE_MOODLE_PASSWORD"), prefix="mdl_",
        )  # fmt: skip
        file = tmp_path / "greffe.toml"
        init(file, moodle=moodle, from_enrol_database=True)
        night = plan(load(file))
        assert night.feeds.bad == {}
        assert night.plan.courses == []

        # and it is no accident: one row more is one enrolment
        scenario.load(database, named(database, settings, (*nights[-1], Row("LAW102", "20260002"))))
        assert [len(course.batches) for course in plan(load(file)).plan.courses] == [2]
