"""The way of every command that does what a file says: planned as a whole, judged, written, each line's fate told.

What the lines mean is the business of each command (``enrol``, ``methods``, ``cohorts``); from the plan on they all go
the way of a night: the same guards, the same journal, the same undo, a plan file for ``greffe apply``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from greffe.apply import journal
from greffe.apply.schema import ensure_tables
from greffe.apply.transaction import Refused
from greffe.commands._file.lines import Fate, Lines, Subject
from greffe.commands._judging import judge, season_at
from greffe.commands._session import Session, Silent, Watcher, open_site
from greffe.commands.methods import Synced, carry_out
from greffe.commands.nightly import closing_run
from greffe.commands.plan import write_file
from greffe.config import Config
from greffe.intake.lines import (
    Batchfile,
    Line,
    MemberLine,
    PersonLine,
    RefusedLine,
)
from greffe.model import OF_METHOD, Reason
from greffe.plan.calendar import Season, restrict
from greffe.plan.cohort_guards import NO_COHORTS, CohortExtent
from greffe.plan.cohorts import CohortPlan
from greffe.plan.guards import hold
from greffe.plan.plan import CoursePlan, Plan, digest

KIND = "batch"
"""What the journal calls such a run."""
FEED = 64
"""Characters that the journal keeps of a feed's name."""
SWITCHED_OFF = "switched off only: grades would go with the method"
"""Why a method that was to be deleted is still there."""
TOGETHER = 1000
"""Lines whose names are looked up at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a command is to be carried out, whatever it does."""

    skip_refused: bool = False
    """Do the rest where some lines cannot be done; without, nothing is done."""
    dry_run: bool = False
    out: Path | None = None
    """Where to write the plan instead of carrying it out."""


Part = CoursePlan | CohortPlan


def place_of(part: Part) -> int:
    """The course or the cohort of a part."""
    return part.course if isinstance(part, CoursePlan) else part.cohort


@dataclass(slots=True)
class Batched(Synced):
    """What a file's lines would do, or did."""

    lines: Lines = field(default_factory=Lines)
    source: str = ""
    """The file."""
    read_as: str = ""
    """How it was read, in one line."""
    skip_refused: bool = False
    place: Callable[[Part], int] = place_of
    kind: str = KIND

    @property
    def stopped(self) -> bool:
        """Whether nothing is done since some lines cannot be."""
        return bool(self.lines.refused) and not self.skip_refused


@dataclass(slots=True, kw_only=True)
class Proposal:
    """The changes that lines ask for, before anybody has judged them."""

    cohorts: Sequence[CohortPlan] = ()
    courses: Sequence[CoursePlan] = ()
    active: int = 0
    """Active people in the places concerned…"""
    places: int = 0
    """…and how many places that is: courses, methods."""
    extent: CohortExtent = NO_COHORTS
    notes: list[str] = field(default_factory=list)
    graded: int = 0
    refused: Sequence[Refused] = ()
    """What cannot be done, where no line of a file asks for it."""
    place: Callable[[Part], int] = place_of
    """What the command's lines call the place of a part."""
    kept: Collection[int] = ()
    """Methods that a line would delete, and that are switched off only, since grades would go."""


_ELSEWHERE: dict[type, str] = {
    PersonLine: "people in courses, which `greffe enrol` does: give it the same file",
    MemberLine: "members of cohorts, which `greffe cohorts` does: give it the same file",
}
"""What the files of tool_uploaduser say beside what a command is for; no other format says two things."""


def feed_name(file: Batchfile) -> str:
    """What the journal calls a file: the end of its path, as long as fits."""
    return Path(file.source).name[-FEED:]


def walk(
    file: Batchfile, lines: Lines, take: Callable[[list[Line]], None], wanted: type[Line] | tuple[type, ...]
) -> None:
    """Give ``take`` the lines, some hundred at a time. Lines that the reader refused are refused; what is said beside what
    is ``wanted`` is counted; lines that were refused before (``Lines.wholly``) are left out."""
    part: list[Line] = []
    for one in file.lines():
        if one.line in lines.left:
            continue
        if isinstance(one, RefusedLine):
            lines.refuse(one.line, one.column, one.value, one.why)
        elif not isinstance(one, wanted):
            lines.elsewhere[_ELSEWHERE[type(one)]] += 1
        else:
            part.append(one)
        if len(part) >= TOGETHER:
            take(part)
            part = []
    if part:
        take(part)


def judged(
    session: Session, file: Batchfile | None, asked: Asked, lines: Lines, found: Proposal, name: str = ""
) -> Batched:
    """The proposal as a plan that the calendar and the guards have seen, with the fate of each line. ``name``: what stands
    for the file in the journal, where there is none."""
    name = feed_name(file) if file else name
    whole = Plan(
        site=session.site,
        made=session.now(),
        feeds=[name],
        cohorts=list(found.cohorts),
        courses=list(found.courses),
    )
    whole = msgspec.structs.replace(whole, digest=digest(whole))
    return weighed(session, file, asked, lines, found, whole, {name: found.active}, {name: found.places})


def weighed(
    session: Session,
    file: Batchfile | None,
    asked: Asked,
    lines: Lines,
    found: Proposal,
    whole: Plan,
    active: dict[str, int],
    places: dict[str, int],
) -> Batched:
    """The same for a plan that is made already. ``active``, ``places``: those of each of its feeds."""
    season: Season | None = season_at(session, whole.made)
    plan, later = restrict(whole, season) if season else (whole, {})
    judgement = judge(session, plan, active, places, whole.made, found.extent)
    allowed = hold(plan, judgement)
    tell(lines, whole, plan, allowed, found.place)
    for method in found.kept:
        if lines.fates.get((method, 0)) is Fate.DONE:
            lines.meet((method, 0), Fate.SPARED, SWITCHED_OFF)
    notes = [
        *found.notes,
        *lines.notes(),
        *(file.notes if file else ()),
    ]  # the reader's are complete once it was walked
    return Batched(
        plan, judgement, allowed, found.graded, notes, list(found.refused), season, later,
        lines=lines,
        source=file.source if file else "",
        read_as=file.told if file else "",
        skip_refused=asked.skip_refused,
        place=found.place,
    )  # fmt: skip


def tell(lines: Lines, whole: Plan, plan: Plan, allowed: Plan, place: Callable[[Part], int]) -> None:
    """The fate of each line, from the whole plan, from what the calendar lets be made of it, and from what the guards let
    pass of that."""
    for fate, of in ((Fate.LATER, whole), (Fate.HELD, plan), (Fate.DONE, allowed)):
        for part in of.parts:
            where = place(part)
            for batch in part.batches:
                spared = fate is Fate.DONE and batch.reason is Reason.HAS_GRADES
                # what the smaller plan has as well, it says last
                users = [0] if batch.action in OF_METHOD else batch.users or [0]
                told: dict[Subject, Fate] = dict.fromkeys(
                    ((where, u) for u in users), Fate.SPARED if spared else fate
                )
                lines.fates.update(told)


def carry_batch(
    config: Config,
    methods: Callable[[Session], Sequence[str]],
    propose: Callable[[Session, Watcher], Batched],
    asked: Asked,
    watcher: Watcher | None = None,
) -> Batched:
    """Plan, judge, write. ``methods``: which methods' own tasks in Moodle must stay still meanwhile.

    Where lines are refused and the rest is not to be done, nothing is written and no run is noted.
    """
    watcher = watcher or Silent()
    with open_site(config) as session:
        watcher.step("Opening the site")
        written = methods(session)
        if asked.dry_run or asked.out is not None:
            session.refuse_if_not_ready(written)
            found = propose(session, watcher)
            if asked.out is not None and not found.stopped:
                write_file(found.allowed, found.judgement, asked.out)
            return found
        ensure_tables(session.db)
        with session.locked(written) as locks:
            session.refuse_if_not_ready(written)
            found = propose(session, watcher)
            if found.stopped:
                return found
            run = journal.open_run(session.db, KIND)
            with closing_run(session, run):
                found.result = carry_out(session, run, found, locks, watcher)
            _tell_refusals(found, found.place)
            return found


def _tell_refusals(found: Batched, place: Callable[[Part], int]) -> None:
    """Lines whose change could not be made although it was planned: the place, or the person, was gone by then."""
    places: dict[str, set[int]] = {}
    for part in found.plan.parts:
        places.setdefault(part.name, set()).add(place(part))
    for refused in found.refused:
        for where in places.get(refused.course, ()):
            for user in refused.users or [0]:
                found.lines.meet((where, user), Fate.REFUSED, refused.reason)
