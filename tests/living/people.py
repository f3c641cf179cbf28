"""People at work in a living Moodle while a night runs: through Moodle's API, by SQL in Moodle's way, and as readers."""

from __future__ import annotations

import json
import random
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.lab.background import Background
from tests.living.web import Visitor
from tests.moodle.database import Database, connected
from tests.moodle.site import PHP, Site

API = Path(__file__).parent / "writer.php"
STUDENT, TEACHER = 5, 4
GROUP = "TD"

Expected = dict[tuple[int, int], tuple[int, int] | None]
"""(course, person) → status and role of his manual enrolment; None: it is gone."""


@dataclass
class Account:
    """What one of them did."""

    counts: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0
    """Seconds of the slowest thing."""
    slowest: str = ""
    errors: list[str] = field(default_factory=list)
    collisions: list[tuple[int, int]] = field(default_factory=list)
    """(group, person) that the night wrote at the very same moment: Moodle, which looks before it inserts, fails the
    second, as it does with two teachers. Nothing may be lost by it: the membership is there."""
    expected: Expected = field(default_factory=dict)
    suspended: list[int] = field(default_factory=list)
    """Enrolments of the night's own method that were suspended by hand."""

    def note(self, what: str, seconds: float) -> None:
        """One thing was done."""
        self.counts[what] += 1
        if seconds > self.longest:
            self.longest, self.slowest = seconds, what


class Api:
    """A process that works through Moodle's own API; ``with`` it, it goes on."""

    def __init__(self, site: Site, courses: Sequence[int], people: Sequence[int], seed: int) -> None:
        self.account = Account()
        self._site, self._work = site, {"courses": courses, "people": people, "seed": seed, "group": GROUP}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        self._stop = folder / "stop"
        self._process = self._stack.enter_context(
            subprocess.Popen(
                [*PHP, str(API)], env=self._site.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, text=True, cwd=self._site.dataroot,
            )
        )  # fmt: skip
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(self._work | {"stop": str(self._stop)}))
        self._process.stdin.close()
        self._process.stdin = None
        assert self._process.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._stop.touch()
        with self._stack:
            said, complaints = self._process.communicate(timeout=60)
        assert not complaints, complaints
        told = json.loads(said)
        account = self.account
        account.counts = Counter(told["counts"])
        account.longest, account.slowest = told["longest"], told["slowest"]
        account.errors, account.suspended = told["errors"], told["suspended"]
        account.collisions = [(group, user) for group, user in told["collisions"]]
        for place, how in dict(told["state"]).items():
            course, user = map(int, place.split())
            account.expected[course, user] = tuple(how) if how else None


class Sql(Background):
    """A thread that writes what Moodle's API writes, one statement a transaction, each after a look; no unique key
    guards a role, so that what it does between look and write is what Moodle's own pages can do."""

    def __init__(self, site: Site, courses: Sequence[int], people: Sequence[int], seed: int) -> None:
        super().__init__()
        self.account = Account()
        self._site, self._courses, self._people = site, courses, people
        self._chance = random.Random(seed)

    def _run(self) -> None:
        with connected(self._site.server, self._site.name) as db:
            self._manual = dict(db.query("SELECT courseid, id FROM mdl_enrol WHERE enrol = 'manual'"))
            self._contexts = dict(db.query("SELECT instanceid, id FROM mdl_context WHERE contextlevel = 50"))
            while not self._over.is_set():
                course, user = self._chance.choice(self._courses), self._chance.choice(self._people)
                try:
                    self._act(db, course, user)
                except Exception as e:
                    self.account.errors.append(f"{type(e).__name__}: {e}")
                time.sleep(0.001)

    def _act(self, db: Database, course: int, user: int) -> None:
        now, kind = self.account.expected.get((course, user)), self._chance.randrange(6)
        enrol = self._manual[course]
        if kind == 5:
            self._sync_at_login(db, course, user)
        elif now is None:
            self._write(db, "enrol", "INSERT INTO mdl_user_enrolments (status, enrolid, userid, timestart, timeend,"
                        " modifierid, timecreated, timemodified) VALUES (0, %s, %s, 0, 0, 2, 1, 1)", enrol, user)  # fmt: skip
            self._assign(db, STUDENT, course, user)
            self.account.expected[course, user] = (0, STUDENT)
        elif kind == 0:
            self._write(
                db,
                "unenrol",
                "DELETE FROM mdl_user_enrolments WHERE enrolid = %s AND userid = %s",
                enrol,
                user,
            )
            self._unassign(db, now[1], course, user)
            self.account.expected[course, user] = None
        elif kind == 1:
            role = TEACHER if now[1] == STUDENT else STUDENT
            self._unassign(db, now[1], course, user)
            self._assign(db, role, course, user)
            self.account.expected[course, user] = (now[0], role)
        else:
            status = 1 - now[0]
            where = "WHERE enrolid = %s AND userid = %s"
            self._write(
                db,
                "suspend or activate",
                f"UPDATE mdl_user_enrolments SET status = %s {where}",
                status,
                enrol,
                user,
            )
            self.account.expected[course, user] = (status, now[1])
        self._flag(db, user)

    def _sync_at_login(self, db: Database, course: int, user: int) -> None:
        """What enrol_database does when somebody logs in who has his enrolment and lacks the role."""
        for (enrol,) in db.query(
            "SELECT e.id FROM mdl_enrol e JOIN mdl_user_enrolments ue ON ue.enrolid = e.id AND ue.userid = %s"
            " WHERE e.courseid = %s AND e.enrol = 'database'",
            user, course,
        ):  # fmt: skip
            self._assign(db, STUDENT, course, user, "enrol_database", enrol)

    def _assign(
        self, db: Database, role: int, course: int, user: int, component: str = "", item: int = 0
    ) -> None:
        values = (role, self._contexts[course], user, component, item)
        if not db.query("SELECT id FROM mdl_role_assignments WHERE roleid = %s AND contextid = %s AND userid = %s"
                        " AND component = %s AND itemid = %s", *values):  # fmt: skip
            self._write(db, "role", "INSERT INTO mdl_role_assignments (roleid, contextid, userid, component, itemid,"
                        " timemodified, modifierid, sortorder) VALUES (%s, %s, %s, %s, %s, 1, 2, 0)", *values)  # fmt: skip

    def _unassign(self, db: Database, role: int, course: int, user: int) -> None:
        found = db.query("SELECT id FROM mdl_role_assignments WHERE roleid = %s AND contextid = %s AND userid = %s"
                         " AND component = '' AND itemid = 0", role, self._contexts[course], user)  # fmt: skip
        for (number,) in found:
            self._write(db, "role", "DELETE FROM mdl_role_assignments WHERE id = %s", number)

    def _flag(self, db: Database, user: int) -> None:
        """mark_user_dirty: a look, then the row that is there or a new one."""
        now = int(time.time())
        kind = "accesslib/dirtyusers"
        there = db.query("SELECT id FROM mdl_cache_flags WHERE name = %s AND flagtype = %s", str(user), kind)
        if there:
            self._write(db, "flag", "UPDATE mdl_cache_flags SET value = '1', expiry = %s, timemodified = %s WHERE id = %s",
                        now + 28800, now, there[0][0])  # fmt: skip
        else:
            self._write(db, "flag", "INSERT INTO mdl_cache_flags (flagtype, name, timemodified, value, expiry)"
                        " VALUES (%s, %s, %s, '1', %s)", kind, str(user), now, now + 28800)  # fmt: skip

    def _write(self, db: Any, what: str, statement: str, *values: object) -> None:
        began = time.perf_counter()
        db.run(statement, *values)
        self.account.note(what, time.perf_counter() - began)


class Reader(Background):
    """Somebody logged in who opens one course page after the other; ``with`` it, it goes on."""

    def __init__(self, visitor: Visitor, courses: Sequence[int], seed: int) -> None:
        super().__init__()
        self.account = Account()
        self._visitor, self._courses = visitor, courses
        self._chance = random.Random(seed)

    def _run(self) -> None:
        while not self._over.is_set():
            course, began = self._chance.choice(self._courses), time.perf_counter()
            try:
                page = self._visitor.get(f"/course/view.php?id={course}")
                if page.status != 200 or "course-content" not in page.text:
                    self.account.errors.append(f"course {course}: {page.status} {page.title}")
            except OSError as e:
                self.account.errors.append(f"course {course}: {e}")
            self.account.note("page", time.perf_counter() - began)


def known(db: Database) -> None:
    """Everybody can log in with the administrator's password, and has a name."""
    (hashed,) = db.query("SELECT password FROM mdl_user WHERE username = 'admin'")[0]
    db.run(
        "UPDATE mdl_user SET password = %s, firstname = 'F', lastname = username WHERE username LIKE 'p0%%'",
        hashed,
    )
