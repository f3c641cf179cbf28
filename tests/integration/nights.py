"""Nights on a real database: a site with a configuration, and what its tables hold, by meaning."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from greffe.commands.nightly import Result, nightly
from greffe.config import Config, parse
from tests.lab.site import MoodleSite
from tests.lab.toml import PASSWORD

NO_GUARDS = {
    "feed": {"suspensions": "none", "removals": "none", "at_most": 10**6, "emptied": "none"},
    "scope": {"suspensions": "none", "removals": "none", "everybody_above": 10**6},
}
"""Guards that let everything pass."""


@dataclass
class Nights:
    """A Moodle site, a directory for extracts, and the configuration of the two."""

    site: MoodleSite
    directory: Path
    feeds: dict[str, dict[str, Any]] = field(default_factory=dict)
    rules: list[dict[str, Any]] = field(default_factory=list)
    cohorts: list[dict[str, Any]] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    def raw(self) -> dict[str, Any]:
        """What a greffe.toml would say; the password stands in the environment."""
        moodle = {
            "type": "mariadb" if self.site.engine == "mariadb" else "pgsql",
            "host": self.site.host,
            "port": self.site.port,
            "name": self.site.dbname,
            "user": self.site.user,
            "password": {"env": PASSWORD},
            "prefix": self.site.prefix,
        }
        moodle |= self.more.get("moodle", {})
        rest = {k: v for k, v in self.more.items() if k != "moodle"}
        return {"moodle": moodle, "feed": self.feeds, "course": self.rules, "cohort": self.cohorts, **rest}

    def config(self) -> Config:
        """The configuration of the next night."""
        os.environ[PASSWORD] = self.site.password
        return parse(self.raw(), "test.toml")

    def feed(self, name: str, header: str, rows: list[str], **options: Any) -> None:
        """Deliver an extract."""
        file = self.directory / f"{name}.csv"
        file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        self.feeds[name] = {"person": "who"} | self.feeds.get(name, {}) | {"csv": str(file)} | options

    def rule(self, feed: str, **options: Any) -> None:
        """Add a course rule."""
        self.rules.append({"feed": feed, "course": "{{ course }}"} | options)

    def cohort(self, feed: str, **options: Any) -> None:
        """Add a cohort rule."""
        usual = {"idnumber": "{{ cohort }}", "name": "Cohort {{ cohort }}"}
        self.cohorts.append({"feed": feed} | usual | options)

    def night(self) -> Result:
        """Run one night."""
        return nightly(self.config())

    # -- what is there -------------------------------------------------------------------------------------
    def enrolments(self) -> dict[tuple[str, str], tuple[int, int, int]]:
        """(course, person) → (status, start, end) of the method database."""
        rows = self.site.fetch(
            "SELECT c.shortname, u.username, ue.status, ue.timestart, ue.timeend FROM {user_enrolments} ue"
            " JOIN {enrol} e ON e.id = ue.enrolid JOIN {course} c ON c.id = e.courseid"
            " JOIN {user} u ON u.id = ue.userid WHERE e.enrol = 'database'"
        )
        return {(r["shortname"], r["username"]): (r["status"], r["timestart"], r["timeend"]) for r in rows}

    def roles(self) -> list[tuple[str, str, str]]:
        """(course, person, role) through the method database, each as often as it is there."""
        rows = self.site.fetch(
            "SELECT c.shortname AS course, u.username, r.shortname AS role FROM {role_assignments} ra"
            " JOIN {context} x ON x.id = ra.contextid AND x.contextlevel = 50 JOIN {course} c ON c.id = x.instanceid"
            " JOIN {user} u ON u.id = ra.userid JOIN {role} r ON r.id = ra.roleid"
            " WHERE ra.component = 'enrol_database'"
        )
        return sorted((r["course"], r["username"], r["role"]) for r in rows)

    def members(self) -> list[tuple[str, str, str, str]]:
        """(course, group, person, component)."""
        rows = self.site.fetch(
            "SELECT c.shortname, g.name, u.username, m.component FROM {groups_members} m"
            " JOIN {groups} g ON g.id = m.groupid JOIN {course} c ON c.id = g.courseid JOIN {user} u ON u.id = m.userid"
        )
        return sorted((r["shortname"], r["name"], r["username"], r["component"]) for r in rows)

    def cohort_members(self) -> dict[str, list[str]]:
        """Idnumber of a cohort → who is in it."""
        found: dict[str, list[str]] = {}
        for row in self.site.fetch(
            "SELECT c.idnumber, u.username FROM {cohort} c LEFT JOIN {cohort_members} m ON m.cohortid = c.id"
            " LEFT JOIN {user} u ON u.id = m.userid ORDER BY c.idnumber, u.username"
        ):
            found.setdefault(row["idnumber"], [])
            if row["username"]:
                found[row["idnumber"]].append(row["username"])
        return found
