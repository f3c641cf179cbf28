"""What the next night would do to one person, and what keeps it from that."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from greffe.commands._night.planner import Night
from greffe.model import Action, Batch
from greffe.plan.plan import CoursePlan, Place, Plan
from greffe.plan.verdict import Verdict
from greffe.view.chain import Cause

_Where = Place | str
"""A method of a course, or a cohort by its idnumber."""
_COMES = frozenset({Action.ENROL, Action.REACTIVATE, Action.SET_TIMES})
_GOES = frozenset({Action.SUSPEND, Action.UNENROL, Action.REMOVE_ROLE})


@dataclass(frozen=True, slots=True)
class Prospect:
    """Why something is not so yet, or is so still."""

    cause: Cause
    why: str
    todo: str


LEFT_ALONE = Prospect(
    Cause.LEFT_ALONE,
    "and a night leaves it so",
    "`greffe plan` lists what a night leaves alone, and why.",
)
_MADE = Prospect(
    Cause.NOT_YET, "the next night makes it", "Wait for the night, or `greffe nightly` makes it now."
)
_TAKEN = Prospect(
    Cause.LEAVES_NEXT,
    "the next night takes that away",
    "To prevent it, have it registered again before; else nothing: that night does it.",
)


class Outlook:
    """A night's plan, seen by one person."""

    def __init__(self, night: Night, user: int) -> None:
        self._night = night
        self._planned = _Share(night.plan, user)
        self._allowed = self._planned if night.allowed is None else _Share(night.allowed, user)

    # -- what he gets --------------------------------------------------------------------------------------
    def comes(self, course: int, enrol: int) -> Prospect | None:
        """Why he is not yet in a course by a method, or not as the rules want him to be; None: no night would change that."""
        return self._coming((course, enrol), _COMES)

    def gets(self, course: int, enrol: int, action: Action) -> Prospect | None:
        """The same of what comes with it: a role, a group."""
        return self._coming((course, enrol), {action})

    def joins(self, idnumber: str) -> Prospect | None:
        """The same of a cohort."""
        return self._coming(idnumber, {Action.JOIN_COHORT})

    def new_methods(self, course: int) -> list[CoursePlan]:
        """Methods that the plan makes in a course, and that enrol him."""
        return [
            part
            for part in self._planned.parts
            if part.course == course and part.enrol < 0 and self._planned.has(part.place, {Action.ENROL})
        ]

    def courses(self) -> set[int]:
        """Where something happens to him."""
        return {part.course for part in self._planned.parts}

    def _coming(self, at: _Where, actions: Collection[Action]) -> Prospect | None:
        if tonight := self._tonight(at, actions, _MADE):
            return tonight
        season = self._night.season
        if season and season.kind == "blackout":
            why = f"the calendar's blackout lasts until {season.until}: nights change nothing"
            todo = f"Wait for the first night after {season.until}; or shorten the window in [calendar]."
            return Prospect(Cause.BLACKOUT, why, todo)
        return None

    # -- what he loses -------------------------------------------------------------------------------------
    def loss(self, course: int, enrol: int) -> Prospect | None:
        """Why he is still in a course that no registration leads him to; None: no night would take him out."""
        return self._going((course, enrol), _GOES)

    def leaves(self, idnumber: str) -> Prospect | None:
        """The same of a cohort."""
        return self._going(idnumber, {Action.LEAVE_COHORT})

    def _going(self, at: _Where, actions: Collection[Action]) -> Prospect | None:
        if tonight := self._tonight(at, actions, _TAKEN):
            return tonight
        season = self._night.season
        if season is None:
            return None
        cause = Cause.BLACKOUT if season.kind == "blackout" else Cause.ADD_ONLY
        why = f"until {season.until} the calendar lets nobody lose anything"
        return Prospect(cause, why, f"Nothing: the first night after {season.until} looks at it again.")

    # -- of both -------------------------------------------------------------------------------------------
    def _tonight(self, at: _Where, actions: Collection[Action], free: Prospect) -> Prospect | None:
        """``free``: what is said where no guard holds it; None: the plan does nothing of the kind."""
        if not self._planned.has(at, actions):
            return None
        return free if self._allowed.has(at, actions) else self._held(at)

    def _held(self, at: _Where) -> Prospect:
        judged = self._night.judgement
        kind = "the whole run" if judged.stops else "what people would lose here"
        reached = [v for v in judged.verdicts if (v.level == "feed" if judged.stops else _is_at(v, at))]
        what = "; ".join(map(str, reached))
        approve = f"`greffe approve {judged.digest[:12]}` after a night has recorded it, and `greffe nightly` once more"
        return Prospect(
            Cause.GUARD,
            f"a guard holds {kind} ({what})",
            f"Look at `greffe plan`; if it is right: {approve}.",
        )


class _Share:
    """What of a plan happens to one person. A night of many is looked through once: chains ask about each of their links."""

    def __init__(self, plan: Plan, user: int) -> None:
        self.parts: list[CoursePlan] = []
        self._done: dict[_Where, set[Action]] = {}
        for part in plan.courses:
            if done := _done(part.batches, user):
                self.parts.append(part)
                self._done[part.place] = done
        self._done |= {c.idnumber: done for c in plan.cohorts if (done := _done(c.batches, user))}

    def has(self, at: _Where, actions: Collection[Action]) -> bool:
        """Whether one of these is done to him there."""
        return not self._done.get(at, set()).isdisjoint(actions)


def _is_at(verdict: Verdict, at: _Where) -> bool:
    if isinstance(at, str):
        return verdict.level == "cohort" and verdict.cohort == at
    return verdict.course == at[0]


def _done(batches: Sequence[Batch], user: int) -> set[Action]:
    return {b.action for b in batches if user in b.users}
