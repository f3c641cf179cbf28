"""The plan: every change of a night, complete before the first write, with a digest that names it."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from greffe.errors import ConfigError, StalePlanError
from greffe.model import OF_METHOD, Action, Batch, Reason
from greffe.plan.cohorts import COHORT_LOSSES, CohortPlan
from greffe.privatefile import private_file

FORMAT = 3

_HANGING = frozenset(
    {
        Action.REMOVE_ROLE,
        Action.LEAVE_GROUP,
        Action.LEAVE_CONVERSATION,
        Action.DELETE_GRADE,
        Action.FORGET_VISIT,
        Action.UNSUBSCRIBE,
        Action.DROP_DIGEST,
        Action.DROP_TRACKING,
        Action.FORGET_READING,
    }
)
"""What is lost with an enrolment, or with a membership of a group."""

#: what takes something away from a person
LOSSES = (
    _HANGING | COHORT_LOSSES | {Action.SUSPEND, Action.UNENROL, Action.DISABLE_METHOD, Action.DELETE_METHOD}
)


#: what gives something to a person, or makes the place for it
GAINS = frozenset(
    {
        Action.CREATE_METHOD,
        Action.UPDATE_METHOD,
        Action.ADOPT_METHOD,
        Action.CREATE_GROUP,
        Action.CREATE_GROUPING,
        Action.JOIN_GROUPING,
        Action.ENROL,
        Action.REACTIVATE,
        Action.ASSIGN_ROLE,
        Action.JOIN_GROUP,
    }
)


#: what a run may come to beyond its plan: what hangs on an enrolment or a membership of a group
ALONG = _HANGING | {Action.JOIN_CONVERSATION}


def is_loss(batch: Batch, made: int) -> bool:
    """Whether people lose something by it. The second copy of a role is nothing to lose, nor is a group that the same plan
    puts them into again by hand; limits that shut people out at the moment of the plan (``made``) are."""
    if batch.action is Action.SET_TIMES and batch.times is not None:
        start, end = batch.times
        return start > made or 0 < end <= made
    if batch.action in (Action.UPDATE_METHOD, Action.ADOPT_METHOD):
        return bool(batch.users)  # those whom it shuts out
    return batch.action in LOSSES and batch.reason not in (Reason.DUPLICATE, Reason.CONVERTED)


Place = tuple[int, int]
"""(course, instance of a method)."""


class CoursePlan(msgspec.Struct, kw_only=True):
    """The changes of one method in one course, and how it looked when they were computed."""

    course: int
    name: str
    """What people call it: the course, and what the method follows."""
    context: int
    method: str = "database"
    enrol: int
    """The instance of the method; 0: the only one of the method ``database``, which this plan creates; below 0: one of
    another method that it creates."""
    fingerprint: str
    batches: list[Batch]
    grouped: bool = False
    """Whether the fingerprint covers the course's groups."""
    active: dict[int, int] = {}
    """Role → active holders before the night."""
    people: int = 0
    """Active people before the night; 0: as many as holders."""
    columns: dict[str, Any] = {}
    """Columns of the instance's row that are written, where the instance itself is made or changed."""
    was: dict[str, Any] = {}
    """What they held before."""
    cohort: str = ""
    """Idnumber of the cohort that it follows, where that is created by the same plan."""
    group: str = ""
    """Name of the group that its people join, where that may have to be created."""
    owner: str | None = None
    """Who asks for it: a feed, or '' for the configuration; None: nobody, it is not Greffe's to remember."""

    @property
    def whole(self) -> bool:
        """Whether it is made as a whole or not at all: Moodle's own hourly sync would draw the consequences of a method
        that is changed while its people are held."""
        return any(b.action in OF_METHOD and b.action is not Action.CREATE_METHOD for b in self.batches)

    def without_losses(self, made: int) -> list[Batch]:
        """What is left when nobody may lose anything."""
        kept = [b for b in self.batches if not is_loss(b, made)]
        return [] if self.whole and len(kept) < len(self.batches) else kept

    def only_losses(self, made: int) -> list[Batch]:
        """What is held back then."""
        lost = [b for b in self.batches if is_loss(b, made)]
        return self.batches if self.whole and lost else lost

    @property
    def size(self) -> int:
        """Changes in all."""
        return sum(b.size for b in self.batches)

    @property
    def place(self) -> Place:
        """What tells it from the other parts of a plan."""
        return (self.course, self.enrol)


class Plan(msgspec.Struct, kw_only=True):
    """What a run is going to do, layer by layer. Cohorts ascend by idnumber, parts of courses by course; only those with
    changes are in it."""

    format: int = FORMAT
    site: str
    made: int
    feeds: list[str]
    """Names of the feeds by their number."""
    cohorts: list[CohortPlan] = []
    courses: list[CoursePlan]
    frozen: dict[str, list[str]] = {}
    """Bad feeds and why; what they can reach is left as it is."""
    undoes: int = 0
    """The run that this plan takes back; 0: none."""
    seal: str = ""
    """Of a plan file: shows that nothing at all was changed in it."""
    digest: str = ""
    """Names the complete plan; kept when guards or filters leave something out."""

    @property
    def parts(self) -> list[CohortPlan | CoursePlan]:
        """Every place with changes, in the order in which they are made."""
        return [*self.cohorts, *self.courses]

    @property
    def size(self) -> int:
        """Changes in all."""
        return sum(part.size for part in self.parts)

    def counts(self) -> dict[str, int]:
        """Action → how many."""
        counts: Counter[str] = Counter()
        for part in self.parts:
            for batch in part.batches:
                counts[batch.action.value] += batch.size
        return dict(sorted(counts.items()))

    def only(
        self, *, course: int | None = None, cohort: str | None = None, person: int | None = None
    ) -> Plan:
        """The part of the plan that concerns one course, one cohort (by its idnumber) or one person."""
        cohorts = [c for c in self.cohorts if course is None and cohort in (None, c.idnumber)]
        if person is not None:
            cohorts = [mine for c in cohorts if (mine := c.only_person(person)) is not None]
        courses = []
        for part in self.courses:
            if cohort is not None or (course is not None and part.course != course):
                continue
            if person is not None and part.whole:
                continue  # a method is not changed for one of its people
            batches = part.batches if person is None else [_only_person(b, person) for b in part.batches]
            kept = [b for b in batches if b is not None]
            # a method or group is created for somebody: for this person only where he gets something there
            if kept and (person is None or any(b.users for b in kept)):
                courses.append(msgspec.structs.replace(part, batches=kept))
        return msgspec.structs.replace(self, cohorts=cohorts, courses=courses)


def _only_person(batch: Batch, person: int) -> Batch | None:
    if not batch.users:
        return batch
    if person not in batch.users:
        return None
    at = batch.users.index(person)
    return msgspec.structs.replace(batch, users=[person], sources=batch.sources[at : at + 1])


def digest(plan: Plan) -> str:
    """A name for exactly these changes on this site; clocks and counts are no part of it."""
    h = hashlib.sha256(f"{plan.format}\n{plan.site}\n{plan.undoes}\n".encode())
    for cohort in plan.cohorts:
        cohort.digest_into(h)
    for course in plan.courses:
        if course.method != "database":
            h.update(f"{course.method} {course.enrol}\n".encode())
        if course.columns or course.cohort or course.group:
            h.update(msgspec.json.encode([sorted(course.columns.items()), course.cohort, course.group]))
        for batch in course.batches:
            h.update(msgspec.json.encode(msgspec.structs.replace(batch, sources=[], feeds=(), held=())))
    return h.hexdigest()


def save(plan: Plan, path: Path) -> None:
    """Write a plan file, readable by its owner only: it holds ids of people."""
    with private_file(path) as file:
        file.write(msgspec.json.encode(msgspec.structs.replace(plan, seal=_seal(plan))).decode())


def _seal(plan: Plan) -> str:
    return hashlib.sha256(msgspec.json.encode(msgspec.structs.replace(plan, seal=""))).hexdigest()


def read(path: Path) -> Plan:
    """Read a plan file; ConfigError where it is none, StalePlanError where it was changed by hand."""
    try:
        if path.exists() and not path.is_file():
            raise ConfigError(f"{path}: is not a regular file")
        plan = msgspec.json.decode(path.read_bytes(), type=Plan)
    except OSError as e:
        raise ConfigError(f"{path}: cannot be read: {e.strerror}") from e
    except msgspec.DecodeError as e:
        raise ConfigError(f"{path}: is not a plan file: {e}") from e
    if plan.format != FORMAT:
        raise ConfigError(f"{path}: is of format {plan.format}; this Greffe reads format {FORMAT}")
    if plan.digest != digest(plan) or plan.seal != _seal(plan):
        raise StalePlanError(f"{path}: was changed since it was written; its digest or seal does not match")
    return plan
