"""What taking back a run's changes to cohorts would do, as a plan."""

from __future__ import annotations

from array import array
from collections import defaultdict
from dataclasses import dataclass, field

from greffe.apply.journal import ChangeRecord
from greffe.methods.scope import count_ids
from greffe.model import Action, Batch, Reason
from greffe.moodle.cohorts import CohortReader
from greffe.moodle.database import Database
from greffe.plan.cohorts import CohortPlan


@dataclass(slots=True)
class CohortsTaken:
    """A run's changes to cohorts, gathered from its journal; of each person only the id is kept."""

    people: dict[int, dict[Action, array[int]]] = field(default_factory=dict)
    """Cohort → what takes its changes back → whom that concerns (nobody: the cohort itself)."""
    names: dict[int, str] = field(default_factory=dict)
    """Cohort → its idnumber as the journal has it, for those that are gone."""

    def add(self, change: ChangeRecord, action: Action) -> None:
        """Note a change and what takes it back."""
        users = self.people.setdefault(change.cohort, defaultdict(lambda: array("q")))[action]
        if change.user:
            users.append(change.user)
        for image in (change.new, change.old):
            if image and image.get("idnumber"):
                self.names[change.cohort] = image["idnumber"]

    def plans(self, db: Database) -> list[CohortPlan]:
        """What is taken back of each, ascending by idnumber."""
        if not self.people:
            return []
        reader = CohortReader(db)
        there, members = reader.by_id(self.people.keys()), reader.members(self.people)
        plans = []
        for cohort, actions in self.people.items():
            row = there.get(cohort)
            if Action.RESTORE_COHORT in actions:
                row = None  # what has its id by now is another one
            idnumber = row.idnumber if row else self.names.get(cohort, f"id {cohort}")
            plans.append(
                CohortPlan(
                    idnumber=idnumber,
                    name=row.name if row else idnumber,
                    cohort=cohort,
                    fingerprint="",
                    batches=[_batch(action, users) for action, users in sorted(actions.items())],
                    members=count_ids(members[cohort]),
                )
            )
        return sorted(plans, key=lambda p: (p.idnumber, p.cohort))


def _batch(action: Action, users: array[int]) -> Batch:
    people = sorted(set(users))
    return Batch(
        action=action, course=0, reason=Reason.UNDO, users=people, sources=[0] * len(people), feeds=(0,)
    )
