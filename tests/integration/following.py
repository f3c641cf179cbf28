"""Cohorts, meta links and their courses on a real database, and the sync that Greffe makes of them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from greffe.commands.methods import Synced, sync
from greffe.errors import Exit
from tests.integration.nights import NO_GUARDS, Nights
from tests.lab.toml import PASSWORD, moodle_table


@dataclass
class Campus:
    """A site with cohorts."""

    nights: Nights
    users: dict[str, int] = field(default_factory=dict)
    cohorts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.nights.more["guards"] = NO_GUARDS
        self.plugins("manual", "guest", "self", "cohort", "database", "meta")

    # -- laying out ----------------------------------------------------------------------------------------
    def plugins(self, *enabled: str) -> None:
        self.nights.site.execute(
            "UPDATE {config} SET value = %s WHERE name = 'enrol_plugins_enabled'", ",".join(enabled)
        )

    def setting(self, plugin: str, name: str, value: object) -> None:
        site = self.nights.site
        site.execute("DELETE FROM {config_plugins} WHERE plugin = %s AND name = %s", plugin, name)
        site.insert("config_plugins", plugin=plugin, name=name, value=str(value))

    def people(self, *names: str) -> None:
        found = self.nights.site.add_users([{"username": n, "idnumber": n} for n in names])
        self.users |= dict(zip(names, found, strict=True))

    def course(self, name: str) -> int:
        return self.nights.site.add_course(name, idnumber=name)

    def cohort(self, name: str, *members: str) -> int:
        if name not in self.cohorts:
            self.cohorts[name] = self.nights.site.add_cohort(name, name=name)
        cohort = self.cohorts[name]
        self.nights.site.execute("DELETE FROM {cohort_members} WHERE cohortid = %s", cohort)
        self.member(cohort, members)
        return cohort

    def member(self, cohort: int, members: Iterable[str]) -> None:
        with self.nights.site.rows() as rows:
            rows.insert(
                "cohort_members",
                [{"cohortid": cohort, "userid": self.users[m], "timeadded": 1} for m in members],
            )

    def category(self, name: str, **columns: Any) -> tuple[int, int]:
        """(id, context) of a new course category below the first one."""
        site = self.nights.site
        made = site.insert("course_categories", name=name, **columns)
        site.execute("UPDATE {course_categories} SET path = %s WHERE id = %s", f"/1/{made}", made)
        context = site.insert("context", contextlevel=40, instanceid=made, depth=3)
        site.execute("UPDATE {context} SET path = %s WHERE id = %s", f"/1/{context}", context)
        return made, context

    def instance(self, method: str, course: int, source: int, **columns: Any) -> int:
        given = {"status": 0, "sortorder": 5, "roleid": 5 if method == "cohort" else 0, "customint2": 0}
        return self.nights.site.insert(
            "enrol", enrol=method, courseid=course, customint1=source, **(given | columns)
        )

    def enrol(self, enrol: int, who: str, **columns: Any) -> None:
        given = {"status": 0, "timestart": 0, "timeend": 0, "modifierid": 2}
        now = int(time.time()) - 86400
        self.nights.site.insert(
            "user_enrolments", enrolid=enrol, userid=self.users[who], timecreated=now, timemodified=now, **(given | columns)
        )  # fmt: skip

    def role(self, course: int, who: str, role: int = 5, component: str = "", item: int = 0) -> None:
        (context,) = self.nights.site.fetch(
            "SELECT id FROM {context} WHERE contextlevel = 50 AND instanceid = %s", course
        )
        self.nights.site.insert(
            "role_assignments", roleid=role, contextid=context["id"], userid=self.users[who], component=component, itemid=item,
            timemodified=1, modifierid=2,
        )  # fmt: skip

    def way(self, course: int, method: str = "manual") -> int:
        (found,) = self.nights.site.fetch(
            "SELECT MIN(id) AS id FROM {enrol} WHERE courseid = %s AND enrol = %s", course, method
        )
        return int(found["id"])

    def configure(self, more: str = "") -> None:
        """Write greffe.toml for the command line."""
        site, folder = self.nights.site, self.nights.directory
        os.environ[PASSWORD] = site.password
        text = moodle_table(site.server, site.dbname) + more
        (folder / "greffe.toml").write_text(text, encoding="utf-8")

    # -- acting and looking --------------------------------------------------------------------------------
    def sync(self, *methods: str, **options: Any) -> Synced:
        return sync(self.nights.config(), methods, **options)

    def enrolments(self, enrol: int) -> dict[str, tuple[int, int, int]]:
        rows = self.nights.site.fetch(
            "SELECT u.username, ue.status, ue.timestart, ue.timeend FROM {user_enrolments} ue"
            " JOIN {user} u ON u.id = ue.userid WHERE ue.enrolid = %s",
            enrol,
        )
        return {r["username"]: (r["status"], r["timestart"], r["timeend"]) for r in rows}

    def active(self, enrol: int) -> set[str]:
        return {u for u, (status, _, _) in self.enrolments(enrol).items() if status == 0}

    def roles(self, enrol: int, method: str = "cohort") -> set[tuple[str, int]]:
        rows = self.nights.site.fetch(
            "SELECT u.username, ra.roleid FROM {role_assignments} ra JOIN {user} u ON u.id = ra.userid"
            " WHERE ra.component = %s AND ra.itemid = %s",
            f"enrol_{method}", enrol,
        )  # fmt: skip
        return {(r["username"], r["roleid"]) for r in rows}

    def members(self, group: int) -> set[tuple[str, str, int]]:
        rows = self.nights.site.fetch(
            "SELECT u.username, m.component, m.itemid FROM {groups_members} m JOIN {user} u ON u.id = m.userid"
            " WHERE m.groupid = %s",
            group,
        )
        return {(r["username"], r["component"], r["itemid"]) for r in rows}


def done(campus: Campus, *methods: str) -> dict[str, int]:
    synced = campus.sync(*methods)
    assert synced.result is not None
    assert (synced.refused, synced.result.exit) == ([], Exit.DONE)
    again = campus.sync(*methods, dry_run=True)
    assert again.plan.size == 0, again.plan
    return synced.result.counts
