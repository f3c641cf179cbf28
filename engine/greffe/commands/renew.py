"""Manual and self enrolments of a selection of courses extended, opened again, or given another length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from greffe.commands._file.batch import Asked, Batched, Proposal, carry_batch, judged
from greffe.commands._file.lines import Lines
from greffe.commands._file.resolving import Names
from greffe.commands._named.selection import selected
from greffe.commands._session import Session, Watcher
from greffe.config import Config
from greffe.errors import ArgumentError
from greffe.methods import byhand
from greffe.methods.byhand import Terms
from greffe.methods.scope import BY_HAND
from greffe.model import Action, Batch, Reason
from greffe.moodle.byhand import HandInstance, HandReader
from greffe.moodle.patience import persist
from greffe.plan.plan import CoursePlan

NAME = "renew"


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """What is to be renewed, and how."""

    courses: Sequence[str] = ()
    categories: Sequence[str] = ()
    """Idnumber, name or id, with all that is below."""
    method: str = ""
    """'': both, as far as Moodle has them switched on."""
    end: int | None = None
    """Until when, seconds since 1970; 0: for ever. Nobody's time becomes shorter."""
    period: int | None = None
    """Seconds that an enrolment lasts from now on (the method's own setting); 0: for ever."""
    reactivate: bool = False
    """Whether who is suspended is active again."""
    role: str = ""
    """Only people who hold this role by hand; '': all."""


def renew(config: Config, wishes: Renewal, asked: Asked, watcher: Watcher | None = None) -> Batched:
    """Plan, judge, write. Raises ArgumentError where nothing is asked for, or the new end is over already."""
    if wishes.end is None and wishes.period is None and not wishes.reactivate:
        raise ArgumentError("nothing is asked for", todo="Give --end, --period or --reactivate.")
    return carry_batch(
        config,
        lambda session: _methods(session, wishes),
        lambda session, watcher: _propose(session, wishes, asked, watcher),
        asked,
        watcher,
    )


def _methods(session: Session, wishes: Renewal) -> list[str]:
    if wishes.method:
        return [wishes.method]
    enabled = [m for m in session.catalogue.plugins_enabled if m in BY_HAND]
    return sorted(enabled) or [byhand.MANUAL]


def _propose(session: Session, wishes: Renewal, asked: Asked, watcher: Watcher) -> Batched:
    courses = selected(session, wishes.courses, wishes.categories)
    role = Names(session.catalogue).role(wishes.role) if wishes.role else 0
    if isinstance(role, str):
        raise ArgumentError(f"--role {wishes.role}: {role}", todo="Look at the spelling.")
    now = session.now()
    if wishes.end and wishes.end <= now:
        raise ArgumentError("--end is over already", todo="Give a day that is still to come.")
    watcher.step("Comparing with Moodle")

    def compare() -> Proposal:
        with session.db.transaction(snapshot=True):
            return _compare(session, wishes, courses, role)

    return judged(session, None, asked, Lines(), persist(compare, away=session.db.patience), NAME)


def _compare(session: Session, wishes: Renewal, courses: Sequence[int], role: int) -> Proposal:
    reader = HandReader(session.db, session.catalogue)
    parts: list[CoursePlan] = []
    active = places = 0
    roles = session.catalogue.course_roles.values()
    for method in _methods(session, wishes):
        there = reader.instances(method, courses)
        instances = [i for course in courses for i in there.get(course, ())]
        places += len(instances)
        # a course may have several instances of the method self, and the reader gives one of each course
        for rank in range(max(map(len, there.values()), default=0)):
            alike = [found[rank] for c in courses if len(found := there.get(c, [])) > rank]
            for instance, scope in reader.scopes(alike, {}):
                wanted = byhand.renewal(scope, end=wishes.end, reactivate=wishes.reactivate, role=role)
                made = byhand.diff(wanted, scope, Terms(role=instance.role if instance.role in roles else 0))
                active += made.people
                change = _of_method(instance, wishes)
                if made.batches or change:
                    known = session.catalogue.courses[instance.course]
                    parts.append(
                        CoursePlan(
                            course=known.id, name=known.name, context=known.context, method=method, enrol=instance.enrol,
                            fingerprint=byhand.fingerprint(scope, made.batches), active=made.active, people=made.people,
                            batches=[*change, *made.batches], **_columns(instance, wishes),
                        )
                    )  # fmt: skip
    parts.sort(key=lambda p: (p.course, p.enrol))
    notes = [] if places else ["None of the courses has such a method."]
    return Proposal(courses=parts, active=active, places=places, notes=notes)


def _of_method(instance: HandInstance, wishes: Renewal) -> list[Batch]:
    """How long its enrolments last from now on."""
    if wishes.period is None or wishes.period == instance.period:
        return []
    return [
        Batch(
            action=Action.UPDATE_METHOD,
            course=instance.course,
            reason=Reason.ASKED,
            enrol=instance.enrol,
            feeds=(0,),
        )
    ]


def _columns(instance: HandInstance, wishes: Renewal) -> dict[str, Any]:
    if not _of_method(instance, wishes):
        return {}
    return {"columns": {"enrolperiod": wishes.period}, "was": {"enrolperiod": instance.period}}
