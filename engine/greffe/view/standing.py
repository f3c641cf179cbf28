"""Where one person stands in Moodle: every row that says so, and what it means."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from greffe.methods.scope import component
from greffe.moodle.database import Database
from greffe.view.account import Account
from greffe.view.chain import Stand


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A row of ``user_enrolments``."""

    id: int
    enrol: int
    course: int
    method: str
    status: int
    start: int
    end: int
    made: int
    changed: int
    by: int
    """Who changed it last."""


@dataclass(frozen=True, slots=True)
class Holding:
    """A role in a course."""

    id: int
    role: int
    course: int
    component: str
    item: int
    made: int


@dataclass(frozen=True, slots=True)
class InGroup:
    """A membership of a group."""

    id: int
    course: int
    name: str
    made: int


@dataclass(frozen=True, slots=True)
class InCohort:
    """A membership of a cohort."""

    id: int
    cohort: int
    made: int


@dataclass(frozen=True, slots=True)
class Method:
    """A row of ``enrol``."""

    id: int
    course: int
    method: str
    on: bool
    source: int
    """What it follows: a cohort, a parent course."""
    group: int
    role: int
    made: int


@dataclass(frozen=True, slots=True)
class Cohort:
    """A row of ``cohort``."""

    id: int
    idnumber: str
    name: str
    made: int


@dataclass(slots=True)
class Standing:
    """One person's rows."""

    account: Account | None = None
    enrolments: list[Enrolment] = field(default_factory=list)
    roles: list[Holding] = field(default_factory=list)
    groups: list[InGroup] = field(default_factory=list)
    cohorts: list[InCohort] = field(default_factory=list)

    def through(self, enrol: int) -> Enrolment | None:
        """His enrolment by one method instance."""
        return next((e for e in self.enrolments if e.enrol == enrol), None)

    def roles_by(self, method: Method) -> list[Holding]:
        """What he holds in the course through the instance; of a method whose roles are nobody's own, what nobody gave."""
        givers = {(component(method.method), method.id), ("", 0)}
        return [r for r in self.roles if r.course == method.course and (r.component, r.item) in givers]


def standing(db: Database, account: Account | None) -> Standing:
    """Everything that Moodle has of one person's places; nothing for nobody."""
    if account is None:
        return Standing()
    user = account.id
    return Standing(
        account,
        [Enrolment(*r) for r in db.query("enrolments_of_person", user=user)],
        [Holding(*r) for r in db.query("course_roles_of_person", user=user)],
        [InGroup(*r) for r in db.query("groups_of_person", user=user)],
        [InCohort(*r) for r in db.query("cohorts_of_person", user=user)],
    )


def methods_of(db: Database, courses: Iterable[int]) -> dict[int, list[Method]]:
    """Course → every method in it."""
    wanted = sorted(set(courses))
    found: dict[int, list[Method]] = {c: [] for c in wanted}
    for i, course, method, status, source, group, role, made in (
        db.query("ways_whole", courses=wanted) if wanted else []
    ):
        found[int(course)].append(
            Method(i, course, method, status == 0, int(source or 0), int(group or 0), int(role or 0), made)
        )
    return found


def cohorts(db: Database, ids: Collection[int]) -> dict[int, Cohort]:
    """Those of these cohorts that are there."""
    rows = db.query("cohorts_made", ids=sorted(ids)) if ids else []
    return {int(i): Cohort(int(i), number or "", name, int(made)) for i, number, name, made in rows}


def stand(enrolment: Enrolment | None, method: Method | None, plugins: Collection[str], now: int) -> Stand:
    """How somebody stands by one enrolment. Moodle lets in whoever is active in an enabled instance of an enabled plugin
    within his dates (get_enrolled_join)."""
    if enrolment is None:
        return Stand.ABSENT
    if enrolment.status:
        return Stand.SUSPENDED
    off = method is None or not method.on or method.method not in plugins
    if off or enrolment.start > now or 0 < enrolment.end <= now:
        return Stand.NOT_CURRENT
    return Stand.ACTIVE


def best(stands: Iterable[str]) -> Stand:
    """How somebody stands by several ways together."""
    found = set(stands)
    return next((s for s in Stand if s.value in found), Stand.ABSENT)
