"""Apply a plan file: exactly that plan, or nothing when the site moved since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from greffe.apply import journal
from greffe.apply.owned import Owned
from greffe.apply.schema import ensure_tables
from greffe.commands._judging import season_at
from greffe.commands._session import Session, Silent, Watcher, open_site
from greffe.commands.nightly import Result, closing_run, execute
from greffe.config import Config
from greffe.errors import ArgumentError, ConfigError, Exit, HeldError, StalePlanError
from greffe.methods.byhand import fingerprint
from greffe.methods.database import METHOD
from greffe.methods.following import Instance
from greffe.methods.scope import BY_HAND, Scope
from greffe.model import OF_METHOD, Action, Reason
from greffe.moodle.byhand import HandReader
from greffe.moodle.cohorts import CohortReader
from greffe.moodle.instances import InstanceReader
from greffe.moodle.scopes import ScopeReader
from greffe.plan.calendar import restrict
from greffe.plan.guards import Judgement
from greffe.plan.plan import GAINS, CoursePlan, Plan, read
from greffe.rules.desired import CourseRole

_NAMED = 10
_TOGETHER = 5000


def apply(config: Config, file: Path, watcher: Watcher | None = None) -> Result:
    """Apply the plan in ``file``. Raises StalePlanError that names what moved."""
    watcher = watcher or Silent()
    plan = _read(file)
    with open_site(config) as session:
        if plan.site != session.site:
            raise ArgumentError(
                f"{file}: was made for {plan.site}, not for {session.site}",
                todo="Give the configuration of the site that it was made for (-c).",
            )
        ensure_tables(session.db)
        methods = _written(plan)
        with session.locked(methods) as locks:
            session.refuse_if_not_ready(methods)
            _refuse_if_closed(session, plan)
            _refuse_if_moved(session, plan)
            run = journal.open_run(session.db, "apply")
            with closing_run(session, run):
                journal.note_plan(session.db, run, plan, Judgement([]), [])
                owned = Owned(session.db, tables=True)
                owned.remember_places(_places(plan), run, session.now())
                owned.remember_cohorts(_named(plan, owned), run, session.now())
                applied = execute(session, run, plan, locks, watcher)
                reason = "refused" if applied.refused else ""
                counts = journal.close_run(session.db, run, "done", reason=reason)
                code = Exit.REFUSED if applied.refused else Exit.DONE
                return Result(run, "done", code, counts, applied, refused=applied.refused)


def _read(file: Path) -> Plan:
    try:
        return read(file)
    except ConfigError as e:
        raise ArgumentError(str(e), todo="Write a plan file with `greffe plan --out FILE`.") from e


def _written(plan: Plan) -> list[str]:
    """The methods whose tasks must stay still; what people do by hand has nothing to do with the one of the feeds."""
    methods = {c.method for c in plan.courses}
    return sorted(methods if methods and methods <= BY_HAND else {METHOD, *methods})


def _places(plan: Plan) -> dict[str, set[CourseRole]]:
    """Feed → the places that the plan's registrations lead to."""
    found: dict[str, set[CourseRole]] = {}
    for course in plan.courses:
        if course.method != METHOD:
            continue  # no registration leads there
        for batch in course.batches:
            if batch.action is Action.ASSIGN_ROLE:
                for feed in batch.feeds:
                    found.setdefault(plan.feeds[feed], set()).add((course.course, batch.role))
    return found


def _refuse_if_closed(session: Session, plan: Plan) -> None:
    season = season_at(session, session.now())
    if season is not None and restrict(plan, season)[1]:
        raise HeldError(
            f"the calendar's {season.kind} window lasts until {season.until}, and the plan does what it keeps out",
            todo="Plan and apply after it, or take the window out of [calendar].",
        )


def _named(plan: Plan, owned: Owned) -> list[tuple[str, int, str]]:
    """(feed, cohort, idnumber) of the plan's cohorts that are Greffe's already."""
    return [
        (plan.feeds[number], part.cohort, part.idnumber)
        for part in plan.cohorts
        for number in part.feeds
        if part.cohort in owned.cohorts
    ]


def _moved_cohorts(session: Session, plan: Plan) -> list[str]:
    """The plan's cohorts that are no longer as it saw them, or no longer Greffe's."""
    if not plan.cohorts:
        return []
    reader, owned = CohortReader(session.db), Owned(session.db, tables=True).cohorts
    known = [c.cohort for c in plan.cohorts if c.cohort]
    there, members = reader.by_id(known), reader.members(known)
    new = {c.idnumber for c in plan.cohorts if not c.cohort}
    taken = {session.catalogue.same(text) for _, text in reader.alike(new)}
    moved = [i for i in new if session.catalogue.same(i) in taken]
    for part in plan.cohorts:
        row = there.get(part.cohort)
        # those that a feed has taken over, and those that a file changes, are nobody's before
        others = any(b.action is Action.ADOPT_COHORT or b.reason is Reason.ASKED for b in part.batches)
        if part.cohort and (
            row is None
            or row.fingerprint(members[part.cohort]) != part.fingerprint
            or others == (part.cohort in owned)
        ):
            moved.append(part.idnumber)
    return [f"cohort {i}" for i in sorted(moved)]


def _lost_people(session: Session, plan: Plan) -> list[str]:
    """Accounts that the plan gives something to, and that have been deleted since."""
    gains = GAINS | {Action.JOIN_COHORT}
    wanted = sorted({u for part in plan.parts for b in part.batches if b.action in gains for u in b.users})
    lost: list[str] = []
    for start in range(0, len(wanted), _TOGETHER):
        part = wanted[start : start + _TOGETHER]
        living = {int(r[0]) for r in session.db.query("living_people", ids=part)}
        lost += [f"account {user}" for user in part if user not in living]
    return lost


def _refuse_if_moved(session: Session, plan: Plan) -> None:
    courses = session.catalogue.courses
    gone = [c.name for c in plan.courses if c.course not in courses]
    # instances that the plan creates are looked at when they are made
    others = [c for c in plan.courses if c.course in courses and c.method != METHOD and c.enrol > 0]
    following = [c for c in others if c.method not in BY_HAND]
    here = [c for c in plan.courses if c.course in courses and c.method == METHOD]
    moved = [c.name for c in here if courses[c.course].enrol != c.enrol]
    known = [c for c in here if courses[c.course].enrol == c.enrol]
    roles = {r for c in known for r in c.active} | {b.role for c in known for b in c.batches if b.role}
    with session.db.transaction(snapshot=True):
        moved += _moved_cohorts(session, plan)
        reader = ScopeReader(session.db, roles)
        scopes = reader.read([(c.course, c.enrol, c.context) for c in known if c.enrol])
        groups = session.catalogue.groups(c.course for c in known if c.grouped)
        highest = max(session.catalogue.people("id").values(), default=0) if groups else 0
        for course in known:
            scope = next(scopes) if course.enrol else Scope(course.course, 0)
            if course.grouped:
                mine = sorted(g for (c, _), g in groups.items() if c == course.course)
                reader.read_groups(scope, mine, highest)
            if scope.fingerprint() != course.fingerprint:
                moved.append(course.name)
        moved += _moved_methods(session, following)
        moved += _moved_by_hand(session, [c for c in others if c.method in BY_HAND])
        gone += _lost_people(session, plan)
    if gone or moved:
        what = [f"{n} is gone" for n in gone] + [f"{n} has changed" for n in moved]
        more = f" and {len(what) - _NAMED} more" if len(what) > _NAMED else ""
        made = session.db.value("made_since", digest=plan.digest, run=0)
        before = f"run {made} has made this plan already; " if made else ""
        raise StalePlanError(
            f"{before}the site moved since the plan was made: {', '.join(what[:_NAMED])}{more}"
        )


def _as_planned(there: list[Instance], parts: list[CoursePlan]) -> list[Instance]:
    """All instances, with the groups and roles that the plan gives them: the plan looked at these as well."""
    columns = {p.enrol: p.columns for p in parts}
    found = []
    for instance in there:
        change = columns.get(instance.enrol, {})
        role, group = change.get("roleid", instance.role), change.get("customint2", instance.group)
        found.append(
            replace(instance, role=role, group=group, fillable=instance.fillable or "customint2" in change)
        )
    return found


def _not_as_planned(there: list[Instance], parts: list[CoursePlan], owned: Mapping[int, str]) -> list[str]:
    """Instances that the plan changes, and that are somebody else's by now, or were edited."""
    now = {
        i.enrol: {
            "status": int(not i.enabled),
            "roleid": i.role,
            "customint1": i.source,
            "customint2": i.group,
        }
        for i in there
    }
    moved = []
    for part in parts:
        changes = [b for b in part.batches if b.action in OF_METHOD]
        if not changes or part.enrol not in now:
            continue
        adopted = changes[0].action is Action.ADOPT_METHOD
        whoever = changes[0].reason in (Reason.NEW_YEAR, Reason.ASKED)  # has made them
        edited = any((now[part.enrol][c] or 0) != (v or 0) for c, v in part.was.items())
        if edited or (not whoever and adopted == (part.enrol in owned)):
            moved.append(part.name)
    return moved


def _moved_methods(session: Session, parts: list[CoursePlan]) -> list[str]:
    """Methods that follow something, and are no longer as the plan found them, or no longer Greffe's."""
    reader = InstanceReader(session.db, session.catalogue)
    owned = Owned(session.db, tables=True)
    moved = []
    for method in sorted({p.method for p in parts}):
        mine = [p for p in parts if p.method == method]
        wanted = {p.enrol for p in mine}
        there = reader.instances(method)
        moved += _not_as_planned(there, mine, owned.methods)
        scopes = reader.scopes([i for i in there if i.enrol in wanted], _as_planned(there, mine))
        moved += [
            p.name for p in mine if p.enrol not in scopes or scopes[p.enrol].fingerprint() != p.fingerprint
        ]
    return moved


def _moved_by_hand(session: Session, parts: list[CoursePlan]) -> list[str]:
    """Methods whose people are enrolled by hand, and are no longer as the plan found them."""
    reader = HandReader(session.db, session.catalogue)
    moved = []
    for method in sorted({p.method for p in parts}):
        mine = {p.enrol: p for p in parts if p.method == method}
        there = reader.instances(method, {p.course for p in mine.values()})
        known = [i for found in there.values() for i in found if i.enrol in mine]
        groups = {
            p.course: sorted({b.group for b in p.batches if b.action is Action.JOIN_GROUP and b.group})
            for p in mine.values()
        }
        as_planned = {
            instance.enrol
            for instance, scope in reader.scopes(known, groups)
            if fingerprint(scope, mine[instance.enrol].batches) == mine[instance.enrol].fingerprint
        }
        moved += [p.name for enrol, p in mine.items() if enrol not in as_planned]
    return moved
