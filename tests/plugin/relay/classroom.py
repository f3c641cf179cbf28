"""A course with people, and nights in which they come and go."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.moodle.database import Database
from tests.moodle.greffe_side import Greffe
from tests.moodle.scenario import Course, Leavers, Row, Settings, User, load
from tests.moodle.site import Living, Site
from tests.moodle.world import MoodleWorld, moodle_settings

COURSES = ("LAW101", "LAW102")


@dataclass
class Classroom:
    """One site in which Greffe works at night."""

    site: Site
    database: Database
    moodle: Living
    greffe: Greffe
    settings: Settings

    def night(self, *rows: Row, leavers: Leavers | None = None) -> None:
        """These registrations and no others."""
        load(self.database, rows)
        self.greffe.night(Settings(leavers) if leavers else self.settings)

    def undo(self) -> None:
        """The last run is taken back."""
        ((run,),) = self.database.query("SELECT MAX(id) FROM mdl_local_greffe_run")
        self.greffe.run("undo", str(run), "--yes", settings=self.settings)

    def number(self, statement: str, *values: object) -> int:
        """The one number of a statement."""
        return int(self.database.query(statement, *values)[0][0])

    def choose(self, **choices: str) -> None:
        """The plugin's settings, by its own words; Moodle's cache of settings knows them at once."""
        self.moodle.do([{"step": "Setting", "name": name, "value": value} for name, value in choices.items()])


@contextlib.contextmanager
def classroom(
    site: Site, folder: Path, people: Iterable[str], leavers: Leavers = "unenrol"
) -> Iterator[Classroom]:
    """Two courses and these people, nobody enrolled yet."""
    settings = Settings(leavers)
    site.reset(moodle_settings(settings))
    with site.database() as database, site.living() as moodle:
        world = MoodleWorld(moodle, database)
        world.prepare([Course(name) for name in COURSES], [User(name) for name in people])
        yield Classroom(site, database, moodle, Greffe(database, folder), settings)
