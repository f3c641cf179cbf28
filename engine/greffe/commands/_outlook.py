"""What the next night would do to one person, and what keeps it from that."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from greffe.commands._planning import Night
from greffe.model import Action
from greffe.plan.plan import CoursePlan, Plan
from greffe.view.chain import Cause

ONE_NIGHT = "`greffe nightly` makes it"


@dataclass(frozen=True, slots=True)
class Prospect:
    """Why something is not so yet, or is so still."""

    cause: Cause
    why: str
    todo: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """A night's plan, seen by one person."""

    night: Night
    user: int

    # -- what he gets --------------------------------------------------------------------------------------
    def gain(self, course: int, enrol: int, actions: Collection[Action]) -> Prospect | None:
        """Why he has not yet what the rules want him to have in a method of a course; None: no night would give it."""
        planned = self._of_course(self.night.plan, course, enrol, actions)
        return self._coming(planned, self._of_course(self.allowed, course, enrol, actions), course=course)

    def joins(self, idnumber: str) -> Prospect | None:
        """The same of a cohort."""
        planned = self._of_cohort(self.night.plan, idnumber, Action.JOIN_COHORT)
        allowed = self._of_cohort(self.allowed, idnumber, Action.JOIN_COHORT)
        return self._coming(planned, allowed, cohort=idnumber)

    def new_methods(self, course: int) -> list[CoursePlan]:
        """Methods that the plan makes in a course, and that enrol him."""
        return [
            p
            for p in self.night.plan.courses
            if p.course == course and p.enrol < 0 and self._has(p, {Action.ENROL})
        ]

    def courses(self) -> set[int]:
        """Where something happens to him."""
        return {p.course for p in self.night.plan.courses if any(self.user in b.users for b in p.batches)}

    def _coming(self, planned: bool, allowed: bool, *, course: int = 0, cohort: str = "") -> Prospect | None:
        if planned and allowed:
            return Prospect(
                Cause.NOT_YET, "the next night makes it", f"Wait for the night, or {ONE_NIGHT} now."
            )
        if planned:
            return self._held(course, cohort)
        season = self.night.season
        if season and season.kind == "blackout":
            why = f"the calendar's blackout lasts until {season.until}: nights change nothing"
            return Prospect(
                Cause.BLACKOUT,
                why,
                f"Wait for the first night after {season.until}; or shorten the window in [calendar].",
            )
        return None

    # -- what he loses -------------------------------------------------------------------------------------
    def loss(self, course: int, enrol: int) -> Prospect | None:
        """Why he is still in a course that no registration leads him to; None: no night would take him out."""
        gone = {Action.SUSPEND, Action.UNENROL, Action.REMOVE_ROLE}
        planned = self._of_course(self.night.plan, course, enrol, gone)
        return self._going(planned, self._of_course(self.allowed, course, enrol, gone), course=course)

    def leaves(self, idnumber: str) -> Prospect | None:
        """The same of a cohort."""
        planned = self._of_cohort(self.night.plan, idnumber, Action.LEAVE_COHORT)
        allowed = self._of_cohort(self.allowed, idnumber, Action.LEAVE_COHORT)
        return self._going(planned, allowed, cohort=idnumber)

    def _going(self, planned: bool, allowed: bool, *, course: int = 0, cohort: str = "") -> Prospect | None:
        if planned and allowed:
            why = "the next night takes that away"
            return Prospect(
                Cause.LEAVES_NEXT,
                why,
                "To prevent it, have it registered again before; else nothing: that night does it.",
            )
        if planned:
            return self._held(course, cohort)
        season = self.night.season
        if season is None:
            return None
        cause = Cause.BLACKOUT if season.kind == "blackout" else Cause.ADD_ONLY
        why = f"until {season.until} the calendar lets nobody lose anything"
        return Prospect(cause, why, f"Nothing: the first night after {season.until} looks at it again.")

    # -- shared --------------------------------------------------------------------------------------------
    @property
    def allowed(self) -> Plan:
        """What the guards let pass."""
        return self.night.allowed or self.night.plan

    def _held(self, course: int, cohort: str) -> Prospect:
        judged = self.night.judgement
        kind = "the whole run" if judged.stops else "what people would lose here"
        here = [
            v for v in judged.verdicts if (course and v.course == course) or (cohort and v.cohort == cohort)
        ]
        whole = [v for v in judged.verdicts if v.level == "feed"]
        what = "; ".join(str(v) for v in (whole if judged.stops else here))
        approve = f"`greffe approve {judged.digest[:12]}` after a night has recorded it, and `greffe nightly` once more"
        return Prospect(
            Cause.GUARD,
            f"a guard holds {kind} ({what})",
            f"Look at `greffe plan`; if it is right: {approve}.",
        )

    def _of_course(self, plan: Plan, course: int, enrol: int, actions: Collection[Action]) -> bool:
        return any(self._has(p, actions) for p in plan.courses if p.place == (course, enrol))

    def _of_cohort(self, plan: Plan, idnumber: str, action: Action) -> bool:
        return any(
            b.action is action and self.user in b.users
            for c in plan.cohorts
            if c.idnumber == idnumber
            for b in c.batches
        )

    def _has(self, part: CoursePlan, actions: Iterable[Action]) -> bool:
        return any(b.action in actions and self.user in b.users for b in part.batches)
