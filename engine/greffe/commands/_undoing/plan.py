"""A run's journal, read as the plan that takes it back."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import msgspec

from greffe.apply import journal
from greffe.apply.journal import ChangeRecord, RunRecord
from greffe.apply.transaction import Refused
from greffe.apply.undo import opposite
from greffe.commands._judging import judge
from greffe.commands._named.naming import method_names, methods_at, remembered
from greffe.commands._session import Session
from greffe.commands._undoing.cohorts import CohortsTaken
from greffe.commands.nightly import Result
from greffe.methods.database import METHOD
from greffe.methods.following import State
from greffe.model import OF_METHOD, Action, Batch, Reason
from greffe.moodle.instances import Followed
from greffe.moodle.patience import persist
from greffe.moodle.scopes import ScopeReader
from greffe.plan.cohort_guards import CohortExtent
from greffe.plan.guards import Judgement
from greffe.plan.plan import LOSSES, CoursePlan, Place, Plan, digest, is_loss

Only = tuple[int | None, int | None, int | None]
"""(course, cohort, person)."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What Moodle keeps of deleted grades of one course: it stays when the grades are back."""

    course: str
    rows: int
    users: list[int]


@dataclass(slots=True)
class Undoing:
    """What taking a run back would do."""

    record: RunRecord
    plan: Plan
    judgement: Judgement
    already: int
    """Changes that were taken back before."""
    staying: int
    """Created methods and groups, which stay."""
    rows: dict[str, int]
    """Action → rows of the journal that would be taken back by it."""
    result: Result | None = None
    refused: list[Refused] = field(default_factory=list)
    history: list[Kept] = field(default_factory=list)
    """Rows of the grade history that stay although the grades are back."""


def concerns(change: ChangeRecord, only: Only) -> bool:
    """Whether it is to be taken back."""
    course, cohort, person = only
    if change.undone or opposite(change) is None:
        return False
    places = course in (None, change.course) and cohort in (None, change.cohort)
    return places and person in (None, change.user)


def loses(change: ChangeRecord, made: int) -> bool:
    """Whether somebody loses something when it is taken back. ``made``: when the plan was, in seconds since 1970."""
    action = opposite(change)
    if action is Action.SET_TIMES:
        return is_loss(
            Batch(action=action, course=change.course, reason=Reason.UNDO, times=_times(change)), made
        )
    return action in LOSSES


def _times(change: ChangeRecord) -> tuple[int, int] | None:
    """The limits that come back where only these do."""
    if opposite(change) is not Action.SET_TIMES or not change.old:
        return None
    return int(change.old["timestart"]), int(change.old["timeend"])


def taking_back(session: Session, record: RunRecord, only: Only) -> Undoing:
    """The plan of it, and what the guards say."""
    people: dict[tuple[int, int, int, int], dict[tuple[Action, tuple[int, int] | None], list[int]]] = (
        defaultdict(lambda: defaultdict(list))
    )
    cohorts = CohortsTaken()
    rows: Counter[str] = Counter()
    known: dict[int, Followed] = {}
    """Instance → what it follows, of those that the run made or deleted."""
    shut: set[int] = set()
    """Instances that the run switched on: taking that back shuts people out."""
    already = staying = 0
    for change in journal.changes(session.db, record.id):
        if change.undone:
            already += 1
        elif (action := opposite(change)) is None:
            staying += 1
        elif change.cohort:
            if concerns(change, only):
                cohorts.add(change, action)
                rows[action.value] += 1
        elif concerns(change, only):
            rows[action.value] += 1
            place = change.course, change.enrol, change.role, change.group
            people[place][action, _times(change)].append(change.user)
            if action in OF_METHOD:
                known |= remembered((change.old, change.new))
                if (change.old or {}).get("status") == 1 and (change.new or {}).get("status") == 0:
                    shut.add(change.enrol)
    batches: dict[Place, list[Batch]] = defaultdict(list)
    for (course, enrol, role, group), actions in sorted(people.items()):
        for (action, times), users in sorted(actions.items(), key=lambda a: (a[0][0], a[0][1] or (-1, -1))):
            batches[course, enrol].append(
                Batch(
                    action=action,
                    course=course,
                    reason=Reason.UNDO,
                    users=(who := sorted(set(users) - {0})),
                    sources=[0] * len(who),
                    enrol=enrol,
                    role=role,
                    group=group,
                    times=times,
                    feeds=(0,),
                )
            )
    name = f"undo of run {record.id}"
    parts = _course_plans(session, batches, known, shut)
    of_cohorts = persist(lambda: cohorts.plans(session.db), away=session.db.patience)
    plan = Plan(
        site=session.site,
        made=session.now(),
        feeds=[name],
        cohorts=of_cohorts,
        courses=parts,
        undoes=record.id,
    )
    plan = msgspec.structs.replace(plan, digest=digest(plan))
    active = {name: sum(sum(p.active.values()) for p in parts)}
    extent = CohortExtent({name: sum(c.members for c in of_cohorts)}, {name: len(of_cohorts)})
    judgement = judge(session, plan, active, {name: len(parts)}, plan.made, extent)
    return Undoing(record, plan, judgement, already, staying, dict(sorted(rows.items())))


def _course_plans(
    session: Session, batches: dict[Place, list[Batch]], known: Mapping[int, Followed], shut: Collection[int]
) -> list[CoursePlan]:
    courses = session.catalogue.courses
    here = [(courses[c], e) for c, e in sorted(batches) if c in courses]
    methods = methods_at(session.db, session.catalogue, batches.keys(), known)
    names = method_names(session.db, session.catalogue, methods)
    people: dict[int, list[int]] = {}

    def count() -> dict[int, int]:
        with session.db.transaction(snapshot=True):
            reader = ScopeReader(session.db, [], with_roles=False)
            shutting = [(c.id, e, c.context) for c, e in here if e in shut]
            people.update((s.enrol, sorted(State.of(s).active)) for s in reader.read(shutting))
            return {s.enrol: s.people for s in reader.read([(c.id, e, c.context) for c, e in here if e])}

    active = persist(count, away=session.db.patience)
    return [
        CoursePlan(
            course=c.id,
            name=names.get(e, c.name),
            context=c.context,
            method=methods[e].method if e in methods else METHOD,
            enrol=e,
            fingerprint="",
            batches=[
                msgspec.structs.replace(b, users=people[e], sources=[0] * len(people[e]))
                if e in people and b.action is Action.UPDATE_METHOD
                else b
                for b in batches[c.id, e]
            ],
            active={0: active.get(e, 0)},
        )
        for c, e in here
    ]
