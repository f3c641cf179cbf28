"""Asks MariaDB or MySQL, row by row as the server sends them, in a read-only transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any, cast
from urllib.parse import parse_qsl, unquote, urlsplit

import pymysql
from pymysql.converters import encoders
from pymysql.cursors import SSCursor

from greffe.feed.database import ANSWER_SECONDS, BATCH, CONNECT_SECONDS, Answer, Question, Row

_OPTIONS = {"socket", "ssl_ca"}
"""What may stand after the ? of the dsn."""


def ask(question: Question) -> Answer:
    """Send the statement. PyMySQL sends one statement at a time, so there cannot be a second one behind it."""
    with ExitStack() as stack:
        connection = _connect(question)
        stack.callback(connection.close)
        cursor = connection.cursor()
        stack.callback(_abandon, cursor)
        cursor.execute(
            f"set session net_write_timeout = {ANSWER_SECONDS}"
        )  # the reader may be busy for a while
        cursor.execute("set session transaction read only")
        cursor.execute(question.sql)
        if cursor.description is None:
            raise ValueError("the statement gives no rows; it must be a SELECT")
        columns = [column[0] for column in cursor.description]
        hang_up = stack.pop_all().close

    def batches() -> Iterator[Sequence[Row]]:
        while batch := cursor.fetchmany(BATCH):
            yield batch

    return Answer(columns, batches(), hang_up)


def _abandon(cursor: SSCursor) -> None:
    """Keep a cursor from reading all the remaining rows when the connection is closed before the last one."""
    result = getattr(cursor, "_result", None)
    if result is not None:
        result.unbuffered_active = False


def _connect(question: Question) -> pymysql.Connection[SSCursor]:
    parts = urlsplit(question.dsn)
    options = dict(parse_qsl(parts.query))
    if strange := options.keys() - _OPTIONS:
        raise ValueError(f"the dsn has the option {min(strange)}; known are {', '.join(sorted(_OPTIONS))}")
    return pymysql.connect(
        host=parts.hostname or "localhost",
        port=parts.port or 3306,
        user=unquote(parts.username or "") or None,
        password=question.password or "",
        database=unquote(parts.path.removeprefix("/")) or None,
        charset="utf8mb4",
        connect_timeout=CONNECT_SECONDS,
        read_timeout=ANSWER_SECONDS,
        conv=cast(
            "dict[Any, Any]", encoders
        ),  # and no decoders: every cell stays the text that the server sent
        program_name="greffe",
        cursorclass=SSCursor,
        unix_socket=options.get("socket"),
        ssl_ca=options.get("ssl_ca"),
    )
