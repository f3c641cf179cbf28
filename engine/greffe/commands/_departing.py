"""Who among the leavers is really unenrolled tonight: those whose time has come, and who would lose no grades by it."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from greffe.model import Action, Batch, Reason
from greffe.moodle.database import Database
from greffe.plan.plan import CoursePlan

_ALWAYS = (1 << 62) - 1
"""Later than any moment: whoever left is due."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """How somebody stands in a course that he is about to leave."""

    active: bool
    loses_grades: bool
    """It is his last enrolment there, and he has grades."""


@dataclass(slots=True)
class Departing:
    """Settles the unenrolments of a plan, with one look for the whole site."""

    db: Database
    due: dict[int, list[tuple[int, Batch]]] = field(default_factory=dict)
    """Course → (seconds, suspended leavers to unenrol who have been suspended for that long)."""
    graded: int = 0
    """Leavers who keep a suspended enrolment, since they have grades."""
    losing: int = 0
    """Leavers whose grades go with their enrolment, since their rule gives them up."""

    def told(self) -> list[str]:
        """What a person should know of the plan."""
        if not self.losing:
            return []
        who = "1 leaver loses" if self.losing == 1 else f"{self.losing:,} leavers lose"
        return [
            f"{who} the grades in a course, which go with the enrolment: so says the rule (with_grades = true)."
        ]

    def settle(self, parts: list[CoursePlan], now: int) -> list[CoursePlan]:
        """The plan with the unenrolments that are due: leavers who would lose grades that their rule does not give up
        are suspended instead, roles kept, or stay so."""
        asked = [(p, moment, b) for p in parts for moment, b in self._unenrolments(p, now)]
        if not asked:
            return parts
        standing = self._ask(asked)
        settled = []
        for part in parts:
            batches = [b for b in part.batches if b.action is not Action.UNENROL]
            for moment, batch in self._unenrolments(part, now):
                batches += self._settled(batch, standing, always=moment == _ALWAYS)
            if batches:
                settled.append(msgspec.structs.replace(part, batches=batches))
        return settled

    def losing_grades(self, parts: list[CoursePlan]) -> set[tuple[int, int]]:
        """(course, person) of those whom a plan unenrols and whose grades go with that."""
        asked = [(p, _ALWAYS, b) for p in parts for b in p.batches if b.action is Action.UNENROL]
        return {place for place, s in self._ask(asked).items() if s.loses_grades} if asked else set()

    def _unenrolments(self, part: CoursePlan, now: int) -> Iterator[tuple[int, Batch]]:
        """(moment before which the row was last written, batch)."""
        yield from ((_ALWAYS, b) for b in part.batches if b.action is Action.UNENROL)
        yield from ((now - after, b) for after, b in self.due.get(part.course, ()))

    def _ask(self, asked: list[tuple[CoursePlan, int, Batch]]) -> dict[tuple[int, int], _Standing]:
        keys: dict[str, array[int]] = {c: array("q") for c in ("course", "enrol", "user", "moment")}
        for part, moment, batch in asked:
            n = len(batch.users)
            keys["course"].extend([part.course] * n)
            keys["enrol"].extend([part.enrol] * n)
            keys["user"].extend(batch.users)
            keys["moment"].extend([moment] * n)
        return {
            (int(course), int(user)): _Standing(not status, bool(graded and not elsewhere))
            for course, user, status, elsewhere, graded in self.db.lookup("standing", keys)
        }

    def _settled(
        self, batch: Batch, standing: dict[tuple[int, int], _Standing], *, always: bool
    ) -> list[Batch]:
        going: list[int] = []
        suspended: list[int] = []
        for user in batch.users:
            found = standing.get((batch.course, user))
            if found is None:
                if always:
                    going.append(user)
            elif batch.with_grades or not found.loses_grades:
                self.losing += found.loses_grades
                going.append(user)
            else:
                self.graded += 1
                if found.active:
                    suspended.append(user)
        changed = []
        if going:
            changed.append(_only(batch, going))
        if suspended:
            stays = msgspec.structs.replace(batch, action=Action.SUSPEND, reason=Reason.HAS_GRADES)
            changed.append(_only(stays, suspended))
        return changed


def _only(batch: Batch, users: list[int]) -> Batch:
    return msgspec.structs.replace(batch, users=users, sources=[0] * len(users))
