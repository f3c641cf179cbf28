"""Asks MariaDB or MySQL, row by row as the server sends them, in a read-only transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import parse_qsl, unquote, urlsplit

import pymysql
from pymysql.cursors import SSCursor

from greffe.feed.database import ANSWER_SECONDS, BATCH, CONNECT_SECONDS, Answer, Question, Row

_OPTIONS = {"socket", "ssl_ca"}
"""What may stand after the ? of the dsn."""


def ask(question: Question) -> Answer:
    """Send the statement. PyMySQL sends one statement at a time, so there cannot be a second one behind it."""
    connection = _connect(question)
    cursor = connection.cursor()
    try:
        cursor.execute(
            f"set session net_write_timeout = {ANSWER_SECONDS}"
        )  # the reader may be busy for a while
        cursor.execute("start transaction read only")
        cursor.execute(question.sql)
    except BaseException:
        connection.close()
        raise
    if cursor.description is None:
        connection.close()
        raise ValueError("the statement gives no rows; it must be a SELECT")

    def batches() -> Iterator[Sequence[Row]]:
        while batch := cursor.fetchmany(BATCH):
            yield batch

    def close() -> None:
        result = getattr(cursor, "_result", None)
        if result is not None:
            result.unbuffered_active = False  # else hanging up early would first read all the rest
        if connection.open:
            connection.close()

    return Answer([column[0] for column in cursor.description], batches(), close)


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
        conv={},  # no conversions: every cell stays the text that the server sent
        program_name="greffe",
        cursorclass=SSCursor,
        unix_socket=options.get("socket"),
        ssl_ca=options.get("ssl_ca"),
    )
