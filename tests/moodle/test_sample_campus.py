"""The demonstration's health campus on a real Moodle: a night takes two thousand registrations through cohorts, cohort sync
and meta links, and Moodle's own two tasks find nothing left to do."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from greffe.commands.nightly import Result, nightly
from greffe.config import parse
from greffe.demo import campus, moodle_tables
from greffe.demo.extracts import deliver_campus
from greffe.demo.sante import rules
from greffe.demo.stage import account
from greffe.errors import Exit
from tests.moodle.database import Database
from tests.moodle.following.sides import PLUGINS, RUNNING, moodle_tasks
from tests.moodle.site import Site, Sites
from tests.moodle.snapshot import checksums
from tests.moodle.state import another_day
from tests.moodle.tree import VERSIONS

YEAR = "2025"


@dataclass(frozen=True)
class Sante:
    """The campus, in a Moodle whose courses its own API made."""

    site: Site
    database: Database
    extracts: Path

    def build(self, now: campus.Campus) -> None:
        database = self.database
        database.run("UPDATE mdl_config SET value = %s WHERE name = 'enrol_plugins_enabled'", PLUGINS)
        database.run("UPDATE mdl_course_categories SET idnumber = 'SANTE'")
        with self.site.living() as moodle:
            moodle.do([
                {"step": "Course", "visible": True, "idnumber": e.code, "shortname": e.name} for e in campus.courses()
            ])  # fmt: skip
        self.arrive(campus.Campus(YEAR), now)

    def arrive(self, before: campus.Campus, now: campus.Campus) -> None:
        """Accounts that appear, and tonight's extracts."""
        known = before.people.keys() - before.no_account
        new = [n for n in now.people if n not in known and n not in now.no_account]
        with self.database.rows() as rows:
            moodle_tables.add_users(rows, [account(f"e{n}", n, *now.people[n]) for n in new])
        deliver_campus(now, self.extracts)

    def night(self) -> Result:
        another_day(self.database)
        text, values = rules(YEAR, self.extracts)
        quoted = {k: msgspec.json.encode(str(v)).decode() for k, v in values.items()}
        raw = tomllib.loads(text.format(**quoted)) | {"moodle": self.database.configuration()}
        result = nightly(parse(raw, "sante.toml"))
        assert result.exit is Exit.DONE, result
        return result

    def settle(self) -> None:
        """What the server does by itself in time: right after a first load Moodle's own queries take minutes without it."""
        tables = "mdl_user_enrolments, mdl_role_assignments, mdl_enrol, mdl_context"
        self.database.run(f"ANALYZE {'TABLE ' if self.database.server.engine == 'mariadb' else ''}{tables}")

    def members(self) -> dict[str, set[str]]:
        """Cohort → who is in it, by student number."""
        return self._people_of(
            "SELECT c.idnumber, u.idnumber FROM mdl_cohort c JOIN mdl_cohort_members m ON m.cohortid = c.id"
            " JOIN mdl_user u ON u.id = m.userid"
        )

    def present(self) -> dict[str, set[str]]:
        """Course → who is enrolled and active."""
        return self._people_of(
            "SELECT c.idnumber, u.idnumber FROM mdl_user_enrolments ue JOIN mdl_enrol e ON e.id = ue.enrolid"
            " JOIN mdl_course c ON c.id = e.courseid JOIN mdl_user u ON u.id = ue.userid WHERE ue.status = 0"
        )

    def _people_of(self, statement: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for place, person in self.database.query(statement):
            found.setdefault(place, set()).add(person)
        return found


@pytest.fixture
def sante(version: str, moodles: Sites, tmp_path: Path) -> Iterator[Sante]:
    site = moodles(version)
    site.reset()
    with site.database() as database:
        yield Sante(site, database, tmp_path)


@pytest.mark.moodle
@pytest.mark.parametrize("version", VERSIONS)
def test_a_night_goes_all_the_way_and_leaves_moodles_tasks_nothing_to_do(sante: Sante) -> None:
    first = campus.found(YEAR)
    sante.build(first)
    second, _ = campus.next_day(first)
    for before, now in ((None, first), (first, second)):
        if before:
            sante.arrive(before, now)
        assert sum(sante.night().counts.values()) > (10_000 if before is None else 50)
        judge(sante, now)
        assert not any(sante.night().counts.values())

        sante.settle()
        sums = checksums(sante.database)
        moodle_tasks(sante.site, None)
        after = checksums(sante.database)
        assert {t for t in after if after[t] != sums.get(t)} <= RUNNING


def judge(sante: Sante, now: campus.Campus) -> None:
    """Everybody is where the registrations say: in the cohort, in its courses, in the children of these."""
    members: dict[str, set[str]] = {}
    for number, stage in now.now().items():
        if number not in now.no_account:
            members.setdefault(stage, set()).add(number)
    assert sante.members() == {f"{stage}-{YEAR}": people for stage, people in members.items()}

    courses: dict[str, set[str]] = {e.code: set() for e in campus.courses()}
    for course in courses:
        courses[course] |= members.get(course.partition("-")[0], set())
    for course, stage in campus.shared():
        courses[course] |= members[stage]
    for child, parent in campus.children():
        courses[child] |= courses[parent]
    assert sante.present() == courses
