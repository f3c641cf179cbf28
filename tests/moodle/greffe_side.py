"""Greffe as registrar: what an administrator would configure to have what enrol_database gives."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from greffe.errors import Exit
from tests.lab.toml import PASSWORD, moodle_table
from tests.moodle.database import Database
from tests.moodle.scenario import Settings

GUARDS = """
# most of a small class leaves here: that is the scenario, not an accident
[guards.feed]
suspensions = "none"
removals = "none"
emptied = "none"

[guards.scope]
suspensions = "none"
removals = "none"
"""
CONFIG = (
    """
[feed.external]
dsn = "{dsn}"
password = {{ env = "GREFFE_MOODLE_PASSWORD" }}
sql = "SELECT course, person, role{other} FROM registrations"
person = {{ column = "person", match = "{settings.person}" }}
shrink = "none"
unknown_people = "none"

[[course]]
feed = "external"
course = "{{{{ course }}}}"
match = "{settings.course}"
role = "{{{{ role }}}}"
{default}{others}leavers = "{settings.leavers}"
{purge}hidden_courses = "{settings.hidden_courses}"
"""
    + GUARDS
)


class GreffeError(AssertionError):
    """Greffe did not run to its end; its output says why."""


class Greffe:
    """``greffe nightly``, as a process of its own, on the database of a site."""

    def __init__(self, database: Database, folder: Path, template: str = CONFIG) -> None:
        self.database, self.folder, self.template = database, folder, template

    def night(self, settings: Settings) -> None:
        self.run("nightly", settings=settings)

    def run(self, command: str, *arguments: str, settings: Settings) -> str:
        """Any of Greffe's commands on this site."""
        server, config = self.database.server, self.folder / "greffe.toml"
        scheme = "postgresql" if server.engine == "postgresql" else "mariadb"
        config.write_text(moodle_table(server, self.database.name) + self.template.format(
            dsn=f"{scheme}://{quote(server.user)}@{quote(server.host, safe='')}:{server.port}/{self.database.name}",
            other=", other" if settings.others else "",
            others='other_user = "{{ other }}"\n' if settings.others else "",
            default=f'default_role = "{settings.default_role}"\n' if settings.default_role else "",
            purge="purge = { with_grades = true }\n" if settings.leavers == "unenrol" else "",
            settings=settings,
        ), encoding="utf-8")  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "greffe", "-c", str(config), command, *arguments],
            env=os.environ | {PASSWORD: server.password},
            capture_output=True, text=True, check=False, cwd=self.folder,
        )  # fmt: skip
        if done.returncode not in (Exit.DONE, Exit.PARTIAL):  # a bad feed is a night's outcome, too
            raise GreffeError(f"greffe {command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done.stdout
