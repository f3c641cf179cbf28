"""A scenario is data: a small university, then nights. Who plays it, Moodle or Greffe, is another matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from tests.lab.server import Engine
from tests.moodle.database import Database
from tests.moodle.state import State, another_day, read
from tests.moodle.steps import Step

Leavers = Literal["keep", "suspend", "suspend-no-roles", "unenrol"]


@dataclass(frozen=True)
class Course:
    """A course; its shortname is its idnumber unless said otherwise."""

    idnumber: str
    visible: bool = True
    shortname: str = ""


@dataclass(frozen=True)
class User:
    """An account; its username is the idnumber in lower case unless said otherwise."""

    idnumber: str
    username: str = ""
    email: str = ""
    suspended: bool = False
    confirmed: bool = True
    deleted: bool = False
    host: int = 1
    """Which site of a network of Moodles it belongs to; 1 is this one."""


@dataclass(frozen=True)
class Row:
    """One row of the external table: somebody's registration as it stands tonight."""

    course: str
    person: str
    role: str = "student"
    other: str = ""
    """Filled: the person only gets the role, without being enrolled (Moodle's "other user")."""


@dataclass(frozen=True)
class Settings:
    """What an administrator chooses, in words of both: settings of enrol_database, keys of greffe.toml."""

    leavers: Leavers = "suspend"
    person: Literal["idnumber", "username", "email", "id"] = "idnumber"
    course: Literal["idnumber", "shortname", "id"] = "idnumber"
    hidden_courses: Literal["enrol", "skip"] = "enrol"
    default_role: str = "student"
    """Where a row's role is none of the site; '' for no such role."""
    others: bool = False
    """Whether the external table's column ``other`` counts."""


@dataclass(frozen=True)
class Night:
    """What people do during the day before, then all that the external table holds that night."""

    rows: tuple[Row, ...]
    before: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Differs:
    """Greffe wants something else than Moodle here, and docs/en/differences.md says why.

    ``moodle`` and ``greffe``: the lines of ``state.outline`` that only one of the two has after the last night.
    """

    section: str
    moodle: tuple[str, ...] = ()
    greffe: tuple[str, ...] = ()
    on: tuple[Engine, ...] = ("mariadb", "postgresql")


@dataclass(frozen=True)
class Scenario:
    """One case to be judged."""

    name: str
    about: str
    courses: tuple[Course, ...]
    users: tuple[User, ...]
    nights: tuple[Night, ...]
    settings: Settings = Settings()
    differences: tuple[Differs, ...] = ()

    def differs(self, engine: Engine) -> Differs | None:
        """What is known to differ on this database."""
        return next((known for known in self.differences if engine in known.on), None)


class World(Protocol):
    """A site in which a scenario can be laid out and lived in by day."""

    database: Database

    def prepare(self, courses: Sequence[Course], users: Sequence[User]) -> None:
        """The university before the first night."""

    def live(self, steps: Sequence[Step]) -> None:
        """What people do by day."""


class Registrar(Protocol):
    """Whoever brings the enrolments in step with the registrations at night."""

    def night(self, settings: Settings) -> None:
        """All the registrations are in the external table; do what follows from them."""


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
        load(world.database, night.rows)
        registrar.night(scenario.settings)
        states.append(read(world.database, days))
    return states


TABLE = "registrations"
"""The external table that enrol_database reads; without Moodle's prefix, in the same database."""


def create_table(database: Database) -> None:
    """Make the external table, empty."""
    database.run(
        f"CREATE TABLE {TABLE} (course varchar(100) NOT NULL, person varchar(255) NOT NULL,"
        " role varchar(100) NOT NULL, other varchar(10) NOT NULL)"
    )
    database.run(f"CREATE INDEX {TABLE}_course ON {TABLE} (course)")


def load(database: Database, rows: Sequence[Row]) -> None:
    """The external table holds these rows and no others."""
    database.run(f"DELETE FROM {TABLE}")
    database.insert(
        TABLE, [{"course": r.course, "person": r.person, "role": r.role, "other": r.other} for r in rows]
    )
