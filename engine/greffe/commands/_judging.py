"""What the calendar and the guards say of a plan."""

from __future__ import annotations

from datetime import UTC, datetime

from greffe.apply.schema import has_tables
from greffe.commands._session import Session
from greffe.plan import guards
from greffe.plan.calendar import Season, season_of
from greffe.plan.cohort_guards import NO_COHORTS, CohortExtent
from greffe.plan.guards import Judgement, held_back
from greffe.plan.plan import Plan


def season_at(session: Session, now: int) -> Season | None:
    """The window of the calendar that is open now, by this machine's time zone."""
    return season_of(session.config.calendar, datetime.fromtimestamp(now, UTC).astimezone().date())


def judge(
    session: Session,
    plan: Plan,
    active: dict[str, int],
    courses: dict[str, int],
    now: int,
    cohorts: CohortExtent = NO_COHORTS,
) -> Judgement:
    """The guards' word, and whether an operator has approved exactly what they hold back."""
    judgement = guards.judge(plan, active, courses, session.config.guards, cohorts)
    if not judgement.verdicts:
        return judgement
    held = held_back(plan, judgement).digest
    approved = session.db.value("approved", digest=held, now=now) if has_tables(session.db) else None
    return Judgement(judgement.verdicts, str(approved or ""), held)
