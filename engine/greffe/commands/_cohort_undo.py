"""What taking back a run's changes to cohorts would do, as a plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from greffe.apply.journal import ChangeRecord
from greffe.apply.undo import opposite
from greffe.model import Action, Batch, Reason
from greffe.moodle.cohorts import CohortReader
from greffe.moodle.database import Database
from greffe.plan.cohorts import CohortPlan


def cohort_plans(db: Database, changes: Mapping[int, Sequence[ChangeRecord]]) -> list[CohortPlan]:
    """Cohort → what is taken back of it, as plans ascending by idnumber."""
    if not changes:
        return []
    reader = CohortReader(db)
    there, members = reader.by_id(changes.keys()), reader.members(changes)
    plans = []
    for cohort, found in changes.items():
        row = there.get(cohort)
        image = next((i for c in found for i in (c.new, c.old) if i and "idnumber" in i), None)
        idnumber = row.idnumber if row else str((image or {}).get("idnumber") or f"id {cohort}")
        plans.append(
            CohortPlan(
                idnumber=idnumber,
                name=row.name if row else idnumber,
                cohort=cohort,
                fingerprint="",
                batches=_batches(found),
                members=members[cohort].count(",") + 1 if members[cohort] else 0,
            )
        )
    return sorted(plans, key=lambda p: (p.idnumber, p.cohort))


def _batches(changes: Sequence[ChangeRecord]) -> list[Batch]:
    people: dict[Action, list[int]] = defaultdict(list)
    for change in changes:
        action = opposite(change)
        if action is not None:
            people[action] += [change.user] if change.user else []
    return [
        Batch(
            action=action,
            course=0,
            reason=Reason.UNDO,
            users=sorted(set(users)),
            sources=[0] * len(set(users)),
            feeds=(0,),
        )
        for action, users in sorted(people.items(), key=lambda p: (bool(p[1]), p[0]))
    ]
