"""A site opened for a command: its connection, its catalogue, its locks; closed again whatever happens."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Protocol

from greffe import logs
from greffe.apply.schema import stored_version
from greffe.config import Config
from greffe.config.amounts import seconds
from greffe.config.moodle import Moodle
from greffe.errors import DatabaseError, SiteNotReadyError, TransientDatabaseError
from greffe.methods.database import METHOD
from greffe.moodle.catalogue import Catalogue
from greffe.moodle.database import Database, connect
from greffe.moodle.owntables import refuse_elsewhere
from greffe.moodle.presence import refuse_without_moodle
from greffe.moodle.settings import address_of, settings_of

if TYPE_CHECKING:
    from greffe.moodle.locks import SiteLocks


class Watcher(Protocol):
    """Who wants to see a command work: the terminal's progress bars."""

    def step(self, text: str, total: int = 0) -> None:
        """A step begins; ``total`` changes are to come (0: unknown)."""

    def advance(self, done: int) -> None:
        """So many more are done."""


class Silent:
    """Nobody watches; the log has the steps."""

    def step(self, text: str, total: int = 0) -> None:
        """A line for who looks later."""
        logs.event("step", text, **({"changes": total} if total else {}))

    def advance(self, done: int) -> None:
        """Say nothing."""


@dataclass(slots=True)
class Session:
    """An open site."""

    config: Config
    db: Database
    catalogue: Catalogue

    @property
    def site(self) -> str:
        """Names the database in plans and reports, without secrets."""
        return address_of(self.db.settings, self.db.default_port)

    def now(self) -> int:
        """The database's clock."""
        return int(self.db.value("clock"))

    @contextmanager
    def locked(self, methods: Sequence[str] = (METHOD,)) -> Iterator[SiteLocks]:
        """Moodle's own tasks of these methods and any other Greffe are kept out while the block runs."""
        from greffe.moodle.locks import SiteLocks

        locks = SiteLocks(self.db, self.config.moodle, self.db.settings, methods)
        locks.acquire(seconds(self.config.moodle.lock_wait))
        try:
            yield locks
        finally:
            locks.release()

    def refuse_if_not_ready(self, methods: Sequence[str] = (METHOD,)) -> None:
        """Raise SiteNotReadyError with everything that stops a run that writes these methods."""
        from greffe.moodle.preflight import preflight

        found = preflight(self.db, self.catalogue, self.config, methods)
        stops = [f for f in found if f.severity == "stop"]
        if len(stops) == 1:
            raise SiteNotReadyError(stops[0].what, todo=stops[0].todo)
        if stops:
            each = [f.what for f in stops]
            rights = "; where rights are missing, `greffe grants` prints all of them"
            raise SiteNotReadyError(
                "; ".join(each),
                todo="`greffe doctor` says what to do about each"
                + (rights if any(f.todo.startswith("Grant ") for f in stops) else "")
                + ".",
                each=each,
            )


def reach(moodle: Moodle) -> Database:
    """Connect to the site's database. Raises ConfigError, and DatabaseError that says what to look at."""
    try:
        return connect(settings_of(moodle))
    except DatabaseError as e:
        message = str(e)
        if " 1193:" in message:
            todo = "This server lacks what Greffe needs of MariaDB (it may be MySQL): Moodle must run on MariaDB 10.6 or later."
        else:
            todo = "Check host, port, name, user and password in [moodle] with the database's own client; see that the server runs."
        raise DatabaseError(f"the site's database cannot be reached: {message}", todo=todo) from e


@contextmanager
def open_site(config: Config) -> Iterator[Session]:
    """Connect to a site. Raises ConfigError (also where what failed is that there is no Moodle), DatabaseError."""
    db = reach(config.moodle)
    try:
        yield Session(config, db, Catalogue(db))
    except TransientDatabaseError:
        raise
    except DatabaseError:
        with suppress(DatabaseError), db.impatient():
            refuse_without_moodle(db)
            if stored_version(db) is None:  # they may have been set aside since this command looked
                refuse_elsewhere(db)
        raise
    finally:
        db.close()


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """While the block runs, SIGTERM and SIGINT ask for a stop instead of ending the process.

    Yields a function that tells whether somebody asked. Outside the main thread signals stay as they are.
    """
    asked = False

    def ask(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked = True

    try:
        before = {s: signal.signal(s, ask) for s in (signal.SIGTERM, signal.SIGINT)}
    except ValueError:
        before = {}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
