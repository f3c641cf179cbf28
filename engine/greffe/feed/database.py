"""A feed that is asked of a database: one read-only statement, streamed, every cell as the text the database writes.

The drivers stand behind functions of the same shape (``postgresql.ask``, ``mysql.ask``, ``oracle.ask``), which give an ``Answer``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, count

from greffe.config.dsn import check_dsn
from greffe.config.feeds import Feed
from greffe.errors import FeedError
from greffe.feed.header import trimmed
from greffe.feed.ready import statement_of
from greffe.model import MAX_LINE, Refused

CONNECT_SECONDS = 10
"""How long a database may take to open a connection."""
ANSWER_SECONDS = 1800
"""How long it may take over the statement, and over each batch of rows."""
BATCH = 2000
"""Rows fetched at a time."""

Row = Sequence[object]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a driver gives back: the column names, the rows in batches, and a way to hang up."""

    columns: Sequence[str]
    batches: Iterator[Sequence[Row]]
    close: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Question:
    """What a driver needs to know."""

    dsn: str
    password: str | None
    sql: str


class Query:
    """A query that was sent and whose columns are known; see ``greffe.model.Table``."""

    final_newline = True
    refused: Sequence[Refused] = ()

    def __init__(self, name: str, source: str, ask: Callable[[Question], Answer], question: Question) -> None:
        self.name = name
        self.source = source
        self.notes: list[str] = []
        self.delivered = int(time.time())
        self._where = f"[feed.{name}] {source}"
        self._secret = question.password
        with self._clear_words():
            self._answer = ask(question)
        try:
            self.columns = trimmed(self._answer.columns, self._where)
        except FeedError:
            self.close()
            raise

    def rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        """(number of the row from 1, cells); hangs up at the end."""
        return chain.from_iterable(self._numbered())

    def close(self) -> None:
        """Hang up; more than once does no harm."""
        self._answer.close()

    def _numbered(self) -> Iterator[Iterator[tuple[int, Sequence[str]]]]:
        line = 1
        try:
            while True:
                with self._clear_words():
                    batch = next(self._answer.batches, None)
                if not batch:
                    break
                if line + len(batch) > MAX_LINE:
                    raise FeedError(f"{self._where}: gives more than {MAX_LINE} rows")
                yield zip(count(line), map(self._texts, batch))
                line += len(batch)
        finally:
            self.close()

    def _texts(self, row: Row) -> list[str]:
        try:
            return [cell if isinstance(cell, str) else "" if cell is None else _decoded(cell) for cell in row]
        except UnicodeDecodeError as e:
            raise FeedError(f"{self._where}: a binary value that is no text: {e.object!r}") from e

    @contextmanager
    def _clear_words(self) -> Iterator[None]:
        """Turn what a driver raises into a FeedError without secrets.

        Drivers raise more than their own tree (OSError, RuntimeError for a missing way to authenticate, ValueError
        for an address), and each of them is the feed's trouble, not Greffe's.
        """
        try:
            yield
        except Exception as e:
            words = " ".join(_message(e).split())
            if self._secret:
                words = words.replace(self._secret, "***")
            raise FeedError(
                f"{self._where}: {words}",
                todo="Try the dsn and the statement with the database's own client; until it answers, nothing that "
                "this feed can reach is touched.",
            ) from None


def open_query(name: str, feed: Feed) -> Query:
    """Connect, send the statement, and read the names of its columns.

    Raises FeedError for all that the database does not like, ConfigError for a dsn with a password in it.
    """
    owner = f"[feed.{name}]"
    dsn = feed.dsn or ""
    check_dsn(owner, dsn)
    password = feed.password.read(owner) if feed.password else None
    source = dsn.partition("?")[0]
    question = Question(dsn, password, statement_of(owner, feed))
    if dsn.startswith("postgresql:"):
        from greffe.feed import postgresql

        return Query(name, source, postgresql.ask, question)
    if dsn.startswith("oracle:"):
        from greffe.feed import oracle

        return Query(name, source, oracle.ask, question)
    from greffe.feed import mysql

    return Query(name, source, mysql.ask, question)


def _decoded(cell: object) -> str:
    return cell.decode("utf-8") if isinstance(cell, bytes) else str(cell)


def _message(error: Exception) -> str:
    """PyMySQL's errors carry (number, text); the others are text already."""
    match error.args:
        case (int() as number, str() as text):
            return f"{text} ({number})"
    return str(error) or type(error).__name__
