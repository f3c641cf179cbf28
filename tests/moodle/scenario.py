"""A scenario is data: a small university, then nights. Who plays it, Moodle or Greffe, is another matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from tests.moodle.database import Database
from tests.moodle.state import State, another_day, read

Leavers = Literal["keep", "suspend", "suspend-no-roles", "unenrol"]


@dataclass(frozen=True)
class Course:
    """A course, known by its idnumber."""

    idnumber: str
    visible: bool = True


@dataclass(frozen=True)
class User:
    """An account; its username is the idnumber in lower case unless said otherwise."""

    idnumber: str
    username: str = ""
    email: str = ""
    suspended: bool = False
    confirmed: bool = True
    deleted: bool = False


@dataclass(frozen=True)
class Row:
    """One row of the external table: somebody's registration as it stands tonight."""

    course: str
    person: str
    role: str = "student"


@dataclass(frozen=True)
class Enrol:
    """Somebody is enrolled by another method, through the participants page."""

    course: str
    person: str
    role: str = "student"
    method: str = "manual"


@dataclass(frozen=True)
class SuspendByHand:
    """Somebody's enrolment by one method is suspended on the participants page."""

    course: str
    person: str
    method: str = "database"


@dataclass(frozen=True)
class JoinGroup:
    """A teacher puts somebody into a group of the course; the first time the group is made."""

    course: str
    person: str
    group: str


@dataclass(frozen=True)
class Visit:
    """Somebody opened the course."""

    course: str
    person: str


Step = Enrol | SuspendByHand | JoinGroup | Visit


@dataclass(frozen=True)
class Night:
    """What people do during the day before, then all that the external table holds that night."""

    rows: tuple[Row, ...]
    before: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """One case to be judged."""

    name: str
    about: str
    courses: tuple[Course, ...]
    users: tuple[User, ...]
    nights: tuple[Night, ...]
    leavers: Leavers = "suspend"


class World(Protocol):
    """A site in which a scenario can be laid out and lived in by day."""

    database: Database

    def prepare(self, courses: Sequence[Course], users: Sequence[User]) -> None:
        """The university before the first night."""

    def live(self, steps: Sequence[Step]) -> None:
        """What people do by day."""


class Registrar(Protocol):
    """Whoever brings the enrolments in step with the registrations at night."""

    def night(self, rows: Sequence[Row], leavers: Leavers) -> None:
        """These are all the registrations; do what follows from them."""


def play(scenario: Scenario, world: World, registrar: Registrar) -> list[State]:
    """The state of the site before the first night and after each night. Day and night get stamps of their own."""
    world.prepare(scenario.courses, scenario.users)
    states, days = [read(world.database)], 0
    for night in scenario.nights:
        if night.before:
            another_day(world.database)
            days += 1
            world.live(night.before)
        another_day(world.database)
        days += 1
        registrar.night(night.rows, scenario.leavers)
        states.append(read(world.database, days))
    return states
