"""Cohorts of 500 people, each in ten courses, and for every other of these courses a child that follows it."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.bench.site import PEOPLE, BenchSite, Night
from tests.moodle.database import Database

MEMBERS = 500
COURSES = 10
"""Courses of a cohort."""
CHILDREN = COURSES // 2
"""Courses that follow one of a cohort's."""
PLUGINS = "manual,guest,self,cohort"
GUARDS = """
# what a bench changes at once is no accident
[guards.feed]
removals = "none"
at_most = 100000
"""
_OWN = ("cache_flags", "local_greffe_change", "local_greffe_scope", "local_greffe_feed", "local_greffe_run")


def courses_of(cohorts: int) -> int:
    """How many courses a campus of so many cohorts has."""
    return cohorts * (COURSES + CHILDREN)


@dataclass(slots=True)
class Campus:
    """A bench's site with cohorts. People are numbered round; a cohort's are a stretch of these numbers."""

    site: BenchSite
    cohorts: int
    _cohorts: list[int] = field(default_factory=list)
    _courses: list[int] = field(default_factory=list)
    _people: list[int] = field(default_factory=list)
    _first: int = 0
    """Number of the first member of the first cohort."""

    def lay_out(self, db: Database) -> None:
        """The cohorts and their members; no course follows one yet."""
        self._courses = _ids(db, "course", "C%")
        self._people = _ids(db, "user", "P%")
        with db.rows() as rows:
            common = {
                "contextid": 1,
                "descriptionformat": 1,
                "visible": 1,
                "timecreated": 1,
                "timemodified": 1,
            }
            made = rows.insert(
                "cohort", [common | {"name": f"K{n}", "idnumber": f"K{n}"} for n in range(self.cohorts)]
            )
            self._cohorts = list(made)
            rows.insert("cohort_members", [
                {"cohortid": cohort, "userid": self._person(n, at), "timeadded": 1}
                for n, cohort in enumerate(self._cohorts) for at in range(MEMBERS)
            ])  # fmt: skip
        self._settle(db)

    def _person(self, cohort: int, at: int) -> int:
        return self._people[(self._first + cohort * MEMBERS + at) % PEOPLE]

    def follow_cohorts(self, db: Database, courses: int | None = None) -> None:
        """So many courses follow their cohort, or all; nobody is enrolled in them yet."""
        self.site.empty()
        links = [
            (self._courses[n], c) for n, c in enumerate(c for c in self._cohorts for _ in range(COURSES))
        ]
        self._link(db, "cohort", links[:courses])

    def follow_courses(self, db: Database, children: int | None = None) -> None:
        """So many children follow their parent course, or all; nobody is enrolled in them yet."""
        self.forget_children(db)
        parents = self._courses[: self.cohorts * COURSES : COURSES // CHILDREN]
        links = list(zip(self._courses[self.cohorts * COURSES :], parents, strict=False))
        self._link(db, "meta", links[:children])

    def forget_children(self, db: Database) -> None:
        """As before the first sync of the children."""
        if found := [i for (i,) in db.query("SELECT id FROM mdl_enrol WHERE enrol = 'meta'")]:
            listed = ", ".join(map(str, found))
            db.run(f"DELETE FROM mdl_user_enrolments WHERE enrolid IN ({listed})")
            db.run("DELETE FROM mdl_role_assignments WHERE component = 'enrol_meta'")
        for table in _OWN:
            db.run(f"TRUNCATE TABLE mdl_{table}")
        self._settle(db)

    def _link(self, db: Database, method: str, links: list[tuple[int, int]]) -> None:
        db.run("DELETE FROM mdl_enrol WHERE enrol = %s", method)
        role = 5 if method == "cohort" else 0
        with db.rows() as rows:
            rows.insert("enrol", [
                {"enrol": method, "status": 0, "courseid": course, "sortorder": 3, "customint1": source,
                 "customint2": 0, "roleid": role, "enrolstartdate": 0, "enrolenddate": 0, "timecreated": 1,
                 "timemodified": 1}
                for course, source in links
            ])  # fmt: skip
        self._settle(db)

    def move(self, db: Database) -> None:
        """1 % of each cohort's members leave, and as many others join."""
        by = MEMBERS // 100
        leave = [(c, self._person(n, at)) for n, c in enumerate(self._cohorts) for at in range(by)]
        db.many("DELETE FROM mdl_cohort_members WHERE cohortid = %s AND userid = %s", leave)
        self._first += by
        with db.rows() as rows:
            rows.insert("cohort_members", [
                {"cohortid": cohort, "userid": self._person(n, at), "timeadded": 1}
                for n, cohort in enumerate(self._cohorts) for at in range(MEMBERS - by, MEMBERS)
            ])  # fmt: skip

    def sync(self, *methods: str) -> Night:
        """``greffe methods sync`` of these methods; none: of all that are switched on."""
        return self.site.greffe(GUARDS, "methods", "sync", *(w for m in methods for w in ("--method", m)))

    def _settle(self, db: Database) -> None:
        self.site.settle()
        if db.server.engine == "mariadb":
            db.query("ANALYZE TABLE mdl_cohort_members")


def enrolled(db: Database, method: str) -> int:
    """How many enrolments a method holds."""
    ((found,),) = db.query(
        "SELECT COUNT(*) FROM mdl_user_enrolments ue JOIN mdl_enrol e ON e.id = ue.enrolid WHERE e.enrol = %s",
        method,
    )
    return int(found)


def _ids(db: Database, table: str, like: str) -> list[int]:
    return [
        i for (i,) in db.query(f"SELECT id FROM mdl_{table} WHERE idnumber LIKE %s ORDER BY idnumber", like)
    ]
