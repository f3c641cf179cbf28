"""Greffe as registrar: what an administrator would configure to have what enrol_database gives."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.moodle.database import Database
from tests.moodle.scenario import Leavers, Row

CONFIG = """
[moodle]
type = "{type}"
{place}
name = "{name}"
user = "{user}"
password = {{ env = "GREFFE_MOODLE_PASSWORD" }}
prefix = "mdl_"

[feed.registrations]
csv = "{csv}"
person = "person"
shrink = "none"
unknown_people = "none"
min_rows = 0

[[course]]
feed = "registrations"
course = "{{{{ course }}}}"
role = "{{{{ role }}}}"
default_role = "student"
leavers = "{leavers}"

# a class of three loses a third of its people here: that is the scenario, not an accident
[guards.feed]
suspensions = "none"
removals = "none"
emptied = "none"

[guards.scope]
suspensions = "none"
removals = "none"
"""


class GreffeError(AssertionError):
    """Greffe ended with another exit code than 0; its output says why."""


class Greffe:
    """``greffe nightly``, as a process of its own, on the database of a site."""

    def __init__(self, database: Database, folder: Path, template: str = CONFIG) -> None:
        self.database, self.folder, self.template = database, folder, template

    def night(self, rows: Sequence[Row], leavers: Leavers) -> None:
        feed = self.folder / "registrations.csv"
        with feed.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file, delimiter=";")
            table.writerow(("course", "person", "role"))
            table.writerows((row.course, row.person, row.role) for row in rows)
        self.run("nightly", leavers=leavers)

    def run(self, command: str, *arguments: str, leavers: Leavers) -> str:
        """Any of Greffe's commands on this site."""
        server, config = self.database.server, self.folder / "greffe.toml"
        socket = server.host.startswith("/")
        config.write_text(self.template.format(
            type="pgsql" if server.engine == "postgresql" else "mariadb",
            place=f'{"socket" if socket else "host"} = "{server.host}"\nport = {server.port}',
            name=self.database.name, user=server.user, csv=self.folder / "registrations.csv", leavers=leavers,
        ), encoding="utf-8")  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "greffe", "-c", str(config), command, *arguments],
            env=os.environ | {"GREFFE_MOODLE_PASSWORD": server.password},
            capture_output=True, text=True, check=False, cwd=self.folder,
        )  # fmt: skip
        if done.returncode:
            raise GreffeError(f"greffe {command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done.stdout
