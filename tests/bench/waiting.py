"""How long Moodle's own pages wait while a night writes: somebody enrols, suspends and re-roles by hand meanwhile."""

from __future__ import annotations

import random
import time
from typing import Any

import psycopg
import pymysql

from tests.bench.site import BenchSite
from tests.lab.background import Background
from tests.moodle.database import connected

ROLE = "roleid, contextid, userid, component, itemid, timemodified, modifierid, sortorder"
PAUSE = 0.002
"""Seconds between two writes: a busy site has some hundred a second."""
_GIVEN_WAY = (1213, 1205, "40P01", "55P03")
"""What the servers call a deadlock and a wait that was too long."""


class Writer(Background):
    """Writes as Moodle does, one statement a transaction, to the rows that the night is about; ``with`` it, it goes on."""

    def __init__(self, site: BenchSite) -> None:
        super().__init__()
        self.longest = 0.0
        """Seconds that the slowest write took."""
        self.writes = 0
        self.given_way = 0
        """Writes that the server ended in favour of the night: none is wanted."""
        self._site = site

    def _run(self) -> None:
        chance = random.Random(1)
        with connected(self._site.server, self._site.name) as db:
            rows = db.query(
                "SELECT ue.enrolid, ue.userid, e.courseid FROM mdl_user_enrolments ue"
                " JOIN mdl_enrol e ON e.id = ue.enrolid WHERE e.enrol = 'database'"
            )
            contexts = dict(db.query("SELECT instanceid, id FROM mdl_context WHERE contextlevel = 50"))
            now = 1700000000
            while not self._over.is_set():
                enrol, user, course = chance.choice(rows)
                where = f"WHERE enrolid = {enrol} AND userid = {user}"
                role = f"(4, {contexts[course]}, {user}, '', 0, {now}, 2, 0)"
                for statement in (
                    f"UPDATE mdl_user_enrolments SET timemodified = {now} {where}",
                    f"INSERT INTO mdl_role_assignments ({ROLE}) VALUES {role}",
                    f"DELETE FROM mdl_role_assignments WHERE roleid = 4 AND contextid = {contexts[course]} AND userid = {user}",
                    f"UPDATE mdl_cache_flags SET expiry = expiry + 1 WHERE flagtype = 'accesslib/dirtyusers' AND name = '{user}'",
                ):
                    self._write(db, statement)
                time.sleep(PAUSE)

    def _write(self, db: Any, statement: str) -> None:
        began = time.perf_counter()
        try:
            db.run(statement)
        except (pymysql.OperationalError, psycopg.OperationalError) as e:
            if (e.sqlstate if isinstance(e, psycopg.Error) else e.args[0]) not in _GIVEN_WAY:
                raise
            self.given_way += 1
        self.writes += 1
        self.longest = max(self.longest, time.perf_counter() - began)
