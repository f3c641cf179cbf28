"""A connection to Moodle's database: what both engines have in common.

The differences between MariaDB and PostgreSQL are class attributes first, methods second
(``greffe.moodle.mariadb``, ``greffe.moodle.postgresql``); everything else asks for statements by name.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, ClassVar

import msgspec

from greffe.errors import BusyDatabaseError, DatabaseError, DeadlockError, ServerAwayError
from greffe.moodle import statements
from greffe.moodle.patience import AWAY, persist

Row = tuple[Any, ...]
_WHOLE = re.compile(r"\{whole:(\w+)\}")
BETWEEN_WORDS = " \t\N{NO-BREAK SPACE}!-/:-@[-`|~\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}ʼ´·\N{HYPHEN}-\N{EM DASH}«»"
"""Marks that are one blank to a list of names, as both engines' regular expressions take them."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach the database of one Moodle site."""

    engine: str
    """``mariadb`` or ``postgresql``."""
    host: str = "localhost"
    port: int = 0
    """0: the engine's usual port."""
    socket: str = ""
    name: str = "moodle"
    user: str = "moodle"
    password: str = ""
    prefix: str = "mdl_"
    schema: str = ""
    """PostgreSQL: the schema of Moodle's tables; '': the role's own search path."""

    def __repr__(self) -> str:
        # a password must reach no log, not even through a traceback's locals
        return f"Settings({self.engine}://{self.user}@{self.socket or self.host}/{self.name}, prefix={self.prefix!r})"


class Database(ABC):
    """One connection. Not shared between threads."""

    engine: ClassVar[str]
    membership: ClassVar[str]
    spelling: ClassVar[str]
    """What a name sorts by: words, blind to case, accents, ligatures and marks between words, in Latin letters as on any other
    engine (docs/decisions/0020-order-of-names.md)."""
    quote_mark: ClassVar[str]
    default_port: ClassVar[int]
    blind_text: ClassVar[bool]
    """Whether texts that differ in case, accents or trailing spaces are equal here."""

    words: ClassVar[Mapping[str, str]]
    """What ``{clock}``, ``{join}`` and ``{fence}`` are here (see ``statements``)."""

    #: how long to wait for a Galera node that has left its cluster, in seconds
    patience: float = AWAY
    #: longest aggregate that arrives whole, in bytes; None: no limit worth the name
    longest_aggregate: int | None = None
    #: how many rows one transaction may change so that no list of their ids fills a statement; None: no limit
    most_ids: int | None = None

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.prefix = settings.prefix
        self.statements = 0
        self.in_transaction = False
        self.heads: tuple[str, ...] = ()
        """Names of the columns of the last answer."""
        self._failure: DatabaseError | None = None
        self._left_open = False
        self._rendered: dict[tuple[object, ...], str] = {}
        self._hints: dict[tuple[str, str], str] = {}
        try:
            self._open()
        except BaseException:
            with suppress(AttributeError, DatabaseError):  # it may not have come to a connection
                self.close()
            raise

    # -- what an engine must give ------------------------------------------------------------------------
    @abstractmethod
    def _open(self) -> None:
        """Connect and set the session up."""

    @abstractmethod
    def close(self) -> None:
        """Give the connection back; never raises."""

    @abstractmethod
    def _run(self, text: str, params: Mapping[str, Any] | None) -> tuple[list[Row], int]:
        """Send one statement: its rows, and how many rows it changed. Driver errors become ours."""

    @abstractmethod
    def _run_rows(
        self, text: str, columns: Mapping[str, Sequence[Any]], constants: Mapping[str, Any]
    ) -> list[Row]:
        """Run a statement over many rows; what it returns, in their order."""

    @abstractmethod
    def _begin(self, snapshot: bool) -> None:
        """Open a transaction; ``snapshot``: read-only, all statements see one state."""

    # -- shared --------------------------------------------------------------------------------------------
    def quote(self, table: str) -> str:
        """The full name of a Moodle table, quoted."""
        return self.quote_whole(self.prefix + table)

    def quote_whole(self, name: str) -> str:
        """A name that takes no prefix (a table set aside, a role), quoted."""
        q = self.quote_mark
        return q + name.replace(q, q + q) + q

    def text_of(self, name: str, **whole: str) -> str:
        """A named statement about what has no prefix: ``{whole:word}`` is the name given for ``word``."""
        return _WHOLE.sub(lambda m: self.quote_whole(whole[m[1]]), self.text(name))

    def text(
        self,
        name: str,
        *,
        hint: str = "",
        order: str = "",
        each: tuple[int, ...] = (),
        table: str = "",
        columns: tuple[str, ...] = (),
        as_stored: bool = False,
    ) -> str:
        """A named statement as it will run here (see ``statements.render``). ``as_stored``: texts sort by the collation of their
        columns."""
        key = (name, hint, order, each, table, columns, as_stored)
        if key not in self._rendered:
            found = statements.find(self.engine, name)
            self._rendered[key] = statements.render(
                found,
                self.quote,
                self.membership,
                spelling="{}" if as_stored else self.spelling,
                hint=hint,
                order=order,
                each=each,
                table=table,
                columns=columns,
                words=self.words,
                along=self.along,
            )
        return self._rendered[key]

    def along(self, table: str, columns: str) -> str:
        """The hint by which MariaDB goes through a table along the index that begins with these columns, looked up by
        them; '' where there is no such index, and for a server that takes no hints."""
        if self.engine != "mariadb":
            return ""
        if (table, columns) not in self._hints:
            name = self.value("index_by_columns", table=self.prefix + table, columns=columns)
            quoted = str(name).replace("`", "``")
            self._hints[table, columns] = f"FORCE INDEX (`{quoted}`)" if name else ""
        return self._hints[table, columns]

    def query(self, name: str, **params: Any) -> list[Row]:
        """Run a named statement, all its rows."""
        return self.run_text(self.text(name), **params)

    def insert(self, name: str, columns: Mapping[str, Sequence[Any]], **constants: Any) -> list[Row]:
        """Run a named multi-row insert; ``columns`` are equally long, one entry per row.

        Returns what the statement's RETURNING says, in the order of the rows (empty without RETURNING).
        """
        return self._run_rows(self.text(name), columns, constants)

    def lookup(
        self,
        name: str,
        columns: Mapping[str, Sequence[Any]],
        *,
        hint: str = "",
        table: str = "",
        named: tuple[str, ...] = (),
        **constants: Any,
    ) -> list[Row]:
        """Run a named query for many keys at once; ``columns`` are the keys, equally long. ``table`` and ``named`` are
        what a statement for any table takes for ``{table}`` and ``{columns}``."""
        return self._run_rows(self.text(name, hint=hint, table=table, columns=named), columns, constants)

    def whole(self, aggregate: str) -> bool:
        """Whether an aggregate is shorter than what the server cuts in silence, perhaps within a character."""
        return self.longest_aggregate is None or len(aggregate.encode()) <= self.longest_aggregate - 4

    def fits(self, text: str) -> bool:  # noqa: ARG002 - a gigabyte is no limit worth the name
        """Whether the server takes a statement that holds this text."""
        return True

    def value(self, name: str, **params: Any) -> Any:
        """First column of the first row; None without a row."""
        rows = self.query(name, **params)
        return rows[0][0] if rows else None

    def execute(self, name: str, **params: Any) -> int:
        """Run a named statement; how many rows it changed."""
        self.statements += 1
        return self._send(self.text(name), params or None)[1]

    def run_text(self, text: str, **params: Any) -> list[Row]:
        """Run a statement that was rendered elsewhere (DDL of Greffe's own tables, checks)."""
        self.statements += 1
        return self._send(text, params or None)[0]

    def begin(self, *, snapshot: bool = False) -> None:
        """Open a transaction; ``snapshot``: read-only, all statements see one state."""
        self._settle()
        self.statements += 1
        self._begin(snapshot)
        self._failure = None
        self.in_transaction = True

    def commit(self) -> None:
        """End the transaction; when this returns, its rows are there.

        Raises what one of its statements raised, whoever swallowed that: the server has undone the transaction by then
        (a deadlock, a conflict on Galera), but would answer COMMIT as if all were well.
        """
        if self._failure is not None:
            raise self._failure
        self._run("COMMIT", None)
        self.in_transaction = False

    def rollback(self) -> None:
        """Undo the transaction; never raises, since it runs where something already went wrong."""
        try:
            self._run("ROLLBACK", None)
        except DatabaseError:
            self._left_open = True
        self.in_transaction = False

    def _settle(self) -> None:
        # a Galera node outside its cluster refuses even ROLLBACK; once it is back, the transaction is still open, and
        # the next BEGIN would commit what there is of it
        if self._left_open:
            self._run("ROLLBACK", None)
            self._left_open = False

    def _send(self, text: str, params: Mapping[str, Any] | None) -> tuple[list[Row], int]:
        """``_run``, where it matters whether a transaction is open: alone a statement is one itself, tried again like
        one; in another it takes the whole down with it."""
        if not self.in_transaction:
            return persist(
                lambda: self._alone(text, params),
                away=self.patience,
                errors=(DeadlockError, BusyDatabaseError, ServerAwayError),
            )
        try:
            return self._run(text, params)
        except DatabaseError as e:
            self._failure = self._failure or e
            raise

    def _alone(self, text: str, params: Mapping[str, Any] | None) -> tuple[list[Row], int]:
        self._settle()
        return self._run(text, params)

    @contextmanager
    def impatient(self) -> Iterator[None]:
        """Within the block nothing is waited for: who asks will ask again himself."""
        before, self.patience = self.patience, 0.0
        try:
            yield
        finally:
            self.patience = before

    @contextmanager
    def transaction(self, *, snapshot: bool = False) -> Iterator[None]:
        """A transaction that commits at the end of the block and is rolled back when the block fails."""
        self.begin(snapshot=snapshot)
        try:
            yield
            self.commit()
        except BaseException:
            self.rollback()
            raise


def connect(settings: Settings) -> Database:
    """Open a connection with the driver of the settings' engine. Raises DatabaseError."""
    if settings.engine == "postgresql":
        from greffe.moodle.postgresql import PostgreSQL

        return PostgreSQL(settings)
    from greffe.moodle.mariadb import MariaDB

    return MariaDB(settings)
