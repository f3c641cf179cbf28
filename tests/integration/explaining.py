"""A small university whose people are asked about: one site for many tests, each with its own feeds."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from greffe.apply.schema import has_tables
from greffe.moodle.database import connect
from greffe.moodle.owntables import META, tables
from greffe.view.chain import Explanation
from tests.integration.following import Campus
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite

HEADER = "who;course;year;td;end;paid;cohort"
OTHERS = [f"o{n}" for n in range(1, 13)]


def line(
    who: str = "ann", course: str = "DRT", *, year: str = "2026", td: str = "", end: str = "", paid: str = "P", cohort: str = ""
) -> str:  # fmt: skip
    """A registration."""
    return ";".join((who, course, year, td, end, paid, cohort))


ANN = line()


@dataclass
class World:
    """A university of thirteen: ``ann`` is asked about, twelve others make her courses real."""

    campus: Campus
    lines: list[str] = field(default_factory=list)
    paid: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.campus.nights.more.pop("guards")

    @property
    def nights(self) -> Nights:
        return self.campus.nights

    def rules(self, **feed: object) -> None:
        """Registrations lead into courses and, where they name one, into cohorts."""
        self.nights.feed("ip", HEADER, self.lines, **feed)
        self.nights.rules.clear()
        self.nights.cohorts.clear()
        self.nights.rule("ip", group="{{ td }}", end="{{ end }}")
        self.nights.cohort("ip")

    def deliver(self, *lines: str, **feed: object) -> None:
        """An extract: the twelve others in DRT, and these lines after them, from line 14 on."""
        self.lines = [*map(line, OTHERS), *lines]
        self.rules(**feed)

    def night(self) -> None:
        self.nights.night()

    def enrolment(self, who: str, course: str, method: str = "database") -> int:
        (row,) = self.nights.site.fetch(
            "SELECT ue.id FROM {user_enrolments} ue JOIN {enrol} e ON e.id = ue.enrolid JOIN {course} c ON c.id = e.courseid"
            " JOIN {user} u ON u.id = ue.userid WHERE u.username = %s AND c.shortname = %s AND e.enrol = %s",
            who, course, method,
        )  # fmt: skip
        return int(row["id"])

    def course_id(self, name: str) -> int:
        (row,) = self.nights.site.fetch("SELECT id FROM {course} WHERE shortname = %s", name)
        return int(row["id"])

    def method(self, course: str, method: str) -> int:
        (row,) = self.nights.site.fetch(
            "SELECT e.id FROM {enrol} e JOIN {course} c ON c.id = e.courseid WHERE c.shortname = %s AND e.enrol = %s",
            course, method,
        )  # fmt: skip
        return int(row["id"])

    def set(self, table: str, row: int, **columns: object) -> None:
        given = ", ".join(f"{c} = %s" for c in columns)
        self.nights.site.execute(f"UPDATE {{{table}}} SET {given} WHERE id = %s", *columns.values(), row)

    def lose(self, table: str, who: str) -> None:
        """All rows of somebody."""
        self.nights.site.execute(f"DELETE FROM {{{table}}} WHERE userid = %s", self.campus.users[who])


_FILLED = ("user", "course", "context", "enrol", "user_enrolments", "role_assignments", "groups", "groups_members", "cohort", "cohort_members", "config_plugins")  # fmt: skip


@dataclass
class Shared:
    """One site for many cases, as it was for each of them."""

    site: MoodleSite
    users: dict[str, int] = field(default_factory=dict)
    _before: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = ["ann", *OTHERS]
        found = self.site.add_users([{"username": n, "idnumber": n} for n in names])
        self.users = dict(zip(names, found, strict=True))
        for name in ("DRT", "ECO", "MED", "TUTO"):
            self.site.add_course(name, idnumber=name)
        for table in _FILLED:
            (row,) = self.site.fetch(f"SELECT COALESCE(MAX(id), 0) AS id FROM {{{table}}}")
            self._before[table] = int(row["id"])

    def world(self, directory: Path) -> World:
        """A case's own."""
        return World(Campus(Nights(self.site, directory), dict(self.users)))

    def clear(self) -> None:
        """What a case added, changed and had remembered; Greffe's own tables stay, empty. All in one transaction."""
        db = connect(self.site.settings)
        try:
            own = [t for t in tables(db.engine) if t != META] if has_tables(db) else []
            with db.transaction():
                for table, id_ in self._before.items():
                    db.run_text(f"DELETE FROM {db.quote(table)} WHERE id > {id_}")
                for table in own:
                    db.run_text(f"DELETE FROM {db.quote(table)}")
                db.run_text(f"UPDATE {db.quote('user')} SET idnumber = username, deleted = 0 WHERE id > 2")
                db.run_text(
                    f"UPDATE {db.quote('course')} SET idnumber = shortname, visible = 1 WHERE category <> 0"
                )
        finally:
            db.close()


def told(found: Explanation) -> tuple[str, str]:
    """(link, cause) at which the most likely chain breaks."""
    broken = found.chains[0].broken
    return (broken.link, broken.cause) if broken else ("", "")
