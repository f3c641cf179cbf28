"""What can be mended safely of what audits found, as a plan like any other: guarded, applied, journalled, taken back.

Two things are: the second copy of a role (the lowest id stays, as Moodle keeps it), and a role that Cohort sync or a Course
meta link gave to somebody whom it does not enrol. Both only where the row is the method's own, in the method's own course.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

import msgspec

from greffe.commands._session import Session
from greffe.methods import cohort, database, meta
from greffe.methods.following import counted
from greffe.methods.scope import Scope, component
from greffe.model import Action, Batch, Reason
from greffe.moodle.instances import InstanceReader
from greffe.moodle.scopes import ScopeReader
from greffe.plan.plan import CoursePlan, Plan, digest

MENDED = ("duplicate_roles", "roles_without_enrolment")
Wanted = dict[tuple[Reason, int], set[int]]
"""(why, role) → who loses a copy of it, or all of it."""


def mending(session: Session, audits: Collection[str]) -> Plan:
    """The plan of all that can be mended of what these audits find; empty where there is nothing."""
    made = session.now()
    with session.db.transaction(snapshot=True):
        found = _found(session, audits)
        parts = [*_of_database(session, found), *_of_following(session, found)]
    ordered = sorted(parts, key=lambda p: (p.course, p.enrol))
    plan = Plan(site=session.site, made=made, feeds=[], courses=ordered)
    return msgspec.structs.replace(plan, digest=digest(plan))


def _found(session: Session, audits: Collection[str]) -> Mapping[int, Wanted]:
    """Instance of a method → what is to be taken away there."""
    found: defaultdict[int, Wanted] = defaultdict(lambda: defaultdict(set))
    methods = {component(m) for m in (database.METHOD, cohort.METHOD, meta.METHOD)}
    doubles, strays = (session.db.query(name) if name in audits else [] for name in MENDED)
    for _context, user, role, given_by, enrol, _times, _lowest in doubles:
        if given_by in methods:
            found[int(enrol)][Reason.DUPLICATE, int(role)].add(int(user))
    for enrol, _course, user, role, _id in strays:
        found[int(enrol)][Reason.NOT_MEMBER, int(role)].add(int(user))
    return found


def _of_database(session: Session, found: Mapping[int, Wanted]) -> Iterator[CoursePlan]:
    courses = [c for c in session.catalogue.courses.values() if c.enrol in found]
    roles = {role for c in courses for _, role in found[c.enrol]}
    scopes = ScopeReader(session.db, roles).read([(c.id, c.enrol, c.context) for c in courses])
    for course, scope in zip(courses, scopes, strict=True):
        yield from _part(scope, course.name, course.context, database.METHOD, found[course.enrol])


def _of_following(session: Session, found: Mapping[int, Wanted]) -> Iterator[CoursePlan]:
    reader = InstanceReader(session.db, session.catalogue)
    for method in (cohort.METHOD, meta.METHOD):
        there = reader.instances(method)
        mine = [i for i in there if i.enrol in found]
        scopes = reader.scopes(mine, there)
        for instance in mine:
            name = f"{session.catalogue.courses[instance.course].name} ({method})"
            yield from _part(scopes[instance.enrol], name, instance.context, method, found[instance.enrol])


def _part(scope: Scope, name: str, context: int, method: str, wanted: Wanted) -> Iterator[CoursePlan]:
    batches = [
        Batch(
            action=Action.REMOVE_ROLE, course=scope.course, reason=reason, users=sorted(users), sources=[0] * len(users),
            enrol=scope.enrol, role=role,
        )
        for (reason, role), users in sorted(wanted.items())
    ]  # fmt: skip
    if batches:
        figures = counted(scope)
        yield CoursePlan(
            course=scope.course, name=name, context=context, method=method, enrol=scope.enrol,
            fingerprint=scope.fingerprint(), batches=batches, active=figures.active, people=figures.people,
        )  # fmt: skip
