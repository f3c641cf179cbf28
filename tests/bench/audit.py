"""Every audit alone on a large site in order: people by External database, by cohorts and by linked courses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from greffe.audit.catalogue import chosen
from greffe.audit.running import run
from tests.bench.campus import COURSES, MEMBERS, PLUGINS, Campus, courses_of
from tests.bench.result import Result
from tests.bench.site import PEOPLE, PER_COURSE, BenchSite, plain_site
from tests.lab.server import Server
from tests.lab.site import MoodleSite
from tests.moodle.database import Database, connected

CASE = "audit: "
ROUNDS = 3
"""The best counts, as for nights: the first finds the server's memory cold."""
_TABLES = "mdl_groups_members, mdl_cohort, mdl_user, mdl_local_greffe_change, mdl_local_greffe_scope"


class AuditBench:
    """``rows`` enrolments, half of them by External database and a third by cohorts, whose courses others follow."""

    def __init__(self, server: Server, rows: int) -> None:
        self.server, self.rows = server, rows
        self.cohorts = max(1, rows // 3 // (MEMBERS * COURSES))

    def run(self, folder: Path) -> Iterator[Result]:
        """One result for each audit, then one for all of them as a process."""
        courses = courses_of(self.cohorts) + max(1, self.rows // 2 // PER_COURSE)
        with plain_site(self.server, courses, folder) as site:
            with connected(self.server, site.name) as db:
                self._fill(db, site)
                ((count,),) = db.query("SELECT COUNT(*) FROM mdl_user_enrolments")
            settings = MoodleSite(self.server, site.name).settings
            wanted = chosen(self.server.engine)
            best: dict[str, float] = {}
            for _ in range(ROUNDS):
                for outcome in run(settings, wanted, examples=10, seconds=600, at_once=1):
                    name = outcome.audit.name
                    if outcome.error or outcome.amount:
                        raise AssertionError(f"{name}: {outcome.error or outcome.examples}")
                    best[name] = min(outcome.seconds, best.get(name, outcome.seconds))
            for name, seconds in best.items():
                yield Result(CASE + name, self.server.engine, int(count), seconds, 0, 0, 1, None, None)
            nights = [site.greffe("", "audit", "--no-record")]
            yield Result.best("audits", self.server.engine, int(count), nights)

    def _fill(self, db: Database, site: BenchSite) -> None:
        campus = Campus(site, self.cohorts)
        db.run(
            "UPDATE mdl_config SET value = %s WHERE name = 'enrol_plugins_enabled'",
            f"{PLUGINS},meta,database",
        )
        campus.lay_out(db)
        campus.follow_cohorts(db)
        campus.sync("cohort")
        campus.follow_courses(db)
        campus.sync("meta")
        self._by_database(db)
        db.run(
            "INSERT INTO mdl_local_greffe_scope (feed, courseid, roleid, timecreated) SELECT 'ip', courseid, 5, 1 FROM mdl_enrol WHERE enrol = 'database'"
        )
        db.run(
            "INSERT INTO mdl_local_greffe_change (runid, action, courseid, enrolid, userid, objectid, timecreated)"
            " SELECT 1, 'enrol', e.courseid, ue.enrolid, ue.userid, ue.id, 1700000000 FROM mdl_user_enrolments ue"
            " JOIN mdl_enrol e ON e.id = ue.enrolid AND e.enrol = 'database'"
        )
        site.settle()
        if self.server.engine == "mariadb":
            db.query(f"ANALYZE TABLE {_TABLES}")

    def _by_database(self, db: Database) -> None:
        """200 people in each course that the campus leaves over: nobody is in a course by two methods."""
        db.run(
            "INSERT INTO mdl_enrol (enrol, status, courseid, sortorder, timecreated, timemodified)"
            " SELECT 'database', 0, id, 3, 1, 1 FROM mdl_course WHERE category <> 0"
            " AND NOT EXISTS (SELECT 1 FROM mdl_enrol e WHERE e.courseid = mdl_course.id AND e.enrol IN ('cohort', 'meta'))"
            " ORDER BY id"
        )
        ((person,),) = db.query("SELECT MIN(id) FROM mdl_user WHERE idnumber LIKE 'P%'")
        block = f"{person} + e.id % {PEOPLE // PER_COURSE} * {PER_COURSE}"
        found = (
            f" FROM mdl_enrol e JOIN mdl_user u ON u.id >= {block} AND u.id < {block} + {PER_COURSE}"
            " JOIN mdl_context x ON x.contextlevel = 50 AND x.instanceid = e.courseid"
            " WHERE e.enrol = 'database' ORDER BY e.id, u.id"
        )
        db.run(
            "INSERT INTO mdl_user_enrolments (status, enrolid, userid, timestart, timeend, modifierid, timecreated, timemodified)"
            f" SELECT 0, e.id, u.id, 0, 0, 2, 1700000000, 1700000000 {found}"
        )
        db.run(
            "INSERT INTO mdl_role_assignments (roleid, contextid, userid, component, itemid, timemodified, modifierid, sortorder)"
            f" SELECT 5, x.id, u.id, 'enrol_database', e.id, 1700000000, 2, 0 {found}"
        )

        db.run(
            "INSERT INTO mdl_groups (courseid, name) SELECT courseid, 'TD' FROM mdl_enrol WHERE enrol = 'database'"
        )
        db.run(
            "INSERT INTO mdl_groups_members (groupid, userid, timeadded)"
            " SELECT g.id, ue.userid, 1 FROM mdl_groups g JOIN mdl_enrol e ON e.courseid = g.courseid"
            " JOIN mdl_user_enrolments ue ON ue.enrolid = e.id AND MOD(ue.userid, 2) = 0 ORDER BY g.id, ue.userid"
        )
