"""Give cohorts and methods back to hand care: Moodle's pages can edit them again, and no night touches them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from greffe.apply import journal
from greffe.apply.owned import Owned
from greffe.apply.schema import has_tables
from greffe.commands._following.plan import METHODS
from greffe.commands._named.lookup import cohort_id, course_id
from greffe.commands._named.naming import method_names
from greffe.commands._session import Session, Silent, Watcher, open_site
from greffe.commands.nightly import Result, closing_run, execute
from greffe.config import Config
from greffe.errors import ArgumentError, Exit
from greffe.methods.database import METHOD
from greffe.methods.following import Instance
from greffe.methods.scope import count_ids
from greffe.model import Action, Batch, Reason
from greffe.moodle.cohorts import CohortReader
from greffe.moodle.instances import Followed, InstanceReader
from greffe.moodle.scopes import ScopeReader
from greffe.plan.cohorts import CohortPlan
from greffe.plan.guards import Judgement
from greffe.plan.plan import CoursePlan, Plan, digest


def release(
    config: Config,
    cohorts: Sequence[str],
    *,
    courses: Sequence[str] = (),
    all_of_them: bool = False,
    watcher: Watcher | None = None,
) -> tuple[Result, Plan]:
    """Give back these cohorts (idnumber or id) and the methods that rules made in these courses, or everything; what was
    done, and the plan of it.

    Members and enrolments stay, a cohort's `component` becomes '', and Greffe forgets that they were its own. A rule that
    still names one with `adopt = true` takes it again on the next night; without, a cohort is refused and listed, and so is
    a method that is not as the rule wants it. `greffe undo` takes them back.
    """
    with open_site(config) as session:
        wanted, of_methods = _asked(session, cohorts, courses, all_of_them=all_of_them)
        methods = sorted({METHOD, *(p.method for p in of_methods)})
        with session.locked(methods) as locks:
            session.refuse_if_not_ready()
            plan = _plan(session, wanted, of_methods)
            run = journal.open_run(session.db, "release")
            with closing_run(session, run):
                journal.note_plan(session.db, run, plan, Judgement([]), [])
                applied = execute(session, run, plan, locks, watcher or Silent())
                reason = "refused" if applied.refused else ""
                counts = journal.close_run(session.db, run, "done", reason=reason)
        code = Exit.REFUSED if applied.refused else Exit.DONE
        return Result(run, "done", code, counts, applied, refused=applied.refused), plan


def propose(
    config: Config, cohorts: Sequence[str], *, courses: Sequence[str] = (), all_of_them: bool = False
) -> Plan:
    """What ``release`` would do; nothing is written."""
    with open_site(config) as session:
        return _plan(session, *_asked(session, cohorts, courses, all_of_them=all_of_them))


def _asked(
    session: Session, cohorts: Sequence[str], courses: Sequence[str], *, all_of_them: bool
) -> tuple[set[int], list[CoursePlan]]:
    """(cohorts, methods) that are meant. Raises ArgumentError where they are not Greffe's."""
    if bool(cohorts or courses) == all_of_them:
        raise ArgumentError("name the cohorts or --course, or say --all", todo="greffe release L1MED-2026")
    owned = Owned(session.db, tables=has_tables(session.db))
    wanted = set(owned.cohorts) if all_of_them else {cohort_id(session.db, c) for c in cohorts}
    if strangers := sorted(wanted - owned.cohorts.keys()):
        names = ", ".join(f"id {i}" for i in strangers)
        raise ArgumentError(
            f"not Greffe's, so there is nothing to give back: {names}",
            todo="Only cohorts that a night made or adopted can be given back.",
        )
    return wanted, _methods(session, owned.methods.keys(), courses, all_of_them=all_of_them)


def _methods(
    session: Session, owned: Collection[int], names: Sequence[str], *, all_of_them: bool
) -> list[CoursePlan]:
    """Greffe's own method instances in these courses."""
    chosen = {course_id(session.catalogue, name): name for name in names}
    reader = InstanceReader(session.db, session.catalogue)
    found = [i for m in METHODS if owned for i in reader.instances(m) if i.enrol in owned]
    if not all_of_them:
        found = [i for i in found if i.course in chosen]
    if bare := sorted(chosen.keys() - {i.course for i in found}):
        raise ArgumentError(
            f"no method of Greffe's in {', '.join(chosen[c] for c in bare)}: there is nothing to give back",
            todo="Only methods that a [[link]] rule made or adopted can be given back.",
        )
    active = _active(session, found)
    called = method_names(
        session.db, session.catalogue, {i.enrol: Followed(i.course, i.method, i.source) for i in found}
    )
    return [
        CoursePlan(
            course=i.course,
            name=called[i.enrol],
            context=i.context,
            method=i.method,
            enrol=i.enrol,
            fingerprint="",
            batches=[
                Batch(action=Action.RELEASE_METHOD, course=i.course, reason=Reason.RELEASED, enrol=i.enrol)
            ],
            active={0: active.get(i.enrol, 0)},
        )
        for i in sorted(found, key=lambda i: (i.course, i.enrol))
    ]


def _active(session: Session, instances: Sequence[Instance]) -> dict[int, int]:
    """Instance → active people."""
    with session.db.transaction(snapshot=True):
        scopes = ScopeReader(session.db, [], with_roles=False).read(
            [(i.course, i.enrol, i.context) for i in instances]
        )
        return {s.enrol: s.people for s in scopes}


def _plan(session: Session, wanted: set[int], methods: list[CoursePlan]) -> Plan:
    reader = CohortReader(session.db)
    members = reader.members(wanted)
    parts = [
        CohortPlan(
            idnumber=row.idnumber,
            name=row.name,
            cohort=row.id,
            fingerprint="",
            batches=[Batch(action=Action.RELEASE_COHORT, course=0, reason=Reason.RELEASED)],
            columns={"component": ""} if row.component else {},
            was={"component": row.component} if row.component else {},
            members=count_ids(members[row.id]),
        )
        for row in reader.by_id(wanted).values()
    ]
    parts.sort(key=lambda p: p.idnumber)
    plan = Plan(site=session.site, made=session.now(), feeds=[], cohorts=parts, courses=methods)
    return msgspec.structs.replace(plan, digest=digest(plan))
