"""Asks Oracle, without its client's libraries (python-oracledb "thin"), in a read-only transaction.

Written after the driver's documentation and tried against what can be had without a server (addresses, types, refusals);
see ``docs/en/feeds.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from datetime import datetime, time
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from greffe.errors import MissingPackageError
from greffe.feed.database import ANSWER_SECONDS, BATCH, CONNECT_SECONDS, Answer, Question, Row
from greffe.feed.patience import in_time

try:
    import oracledb
except ImportError as error:
    raise MissingPackageError(f"a feed from Oracle needs python-oracledb ({error})", "oracledb") from error

_OPTIONS = {"sid", "protocol", "wallet"}
"""What may stand after the ? of the dsn."""
_FIRST_WORD = re.compile(r"(?:\s|--[^\n]*(?:\n|\Z)|/\*.*?\*/|\()*(\w*)", re.DOTALL)
_FETCHED: dict[object, object] = {
    # exactly, since a float would round a code of many digits
    oracledb.DB_TYPE_NUMBER: Decimal,
    # with the row, rather than by a round trip for each of them
    oracledb.DB_TYPE_CLOB: oracledb.DB_TYPE_LONG,
    oracledb.DB_TYPE_NCLOB: oracledb.DB_TYPE_LONG_NVARCHAR,
    oracledb.DB_TYPE_BLOB: oracledb.DB_TYPE_LONG_RAW,
}


def ask(question: Question) -> Answer:
    """Send the statement, which Oracle takes alone, without a semicolon."""
    sql = question.sql.strip().removesuffix(";")
    refuse_changes(sql)
    with ExitStack() as stack:
        where = address(question.dsn)
        connection = in_time(
            lambda: oracledb.connect(params=where, password=question.password),
            CONNECT_SECONDS,
            f"connecting to {where.host}",
        )
        stack.callback(_let_go, connection)
        connection.call_timeout = ANSWER_SECONDS * 1000
        cursor = connection.cursor()
        stack.callback(_let_go, cursor)
        cursor.outputtypehandler = _fetched
        cursor.arraysize = BATCH
        cursor.execute("SET TRANSACTION READ ONLY")
        cursor.execute(sql)
        columns = [column[0] for column in cursor.description or ()]
        hang_up = stack.pop_all().close

    def batches() -> Iterator[Sequence[Row]]:
        while batch := cursor.fetchmany(BATCH):
            yield [[text(cell) for cell in row] for row in batch]

    return Answer(columns, batches(), hang_up)


def refuse_changes(sql: str) -> None:
    """Raise ValueError for anything but a query: a read-only transaction stops an UPDATE, but a DROP TABLE ends it first."""
    found = _FIRST_WORD.match(sql)
    word = found[1] if found else ""
    if word.upper() not in {"SELECT", "WITH"}:
        raise ValueError(f"the statement begins with {word or 'nothing'}; it must be a SELECT (or WITH)")


def text(cell: object) -> object:
    """A cell as the other databases write it: numbers without exponent, a date at midnight without its hour."""
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d}" if cell.time() == time() else cell.isoformat(" ")
    return cell


def address(dsn: str) -> oracledb.ConnectParams:
    """Where ``oracle://USER@HOST:PORT/SERVICE`` is; ``?sid=`` instead of the service, ``?protocol=tcps&wallet=DIRECTORY``."""
    parts = urlsplit(dsn)
    options = dict(parse_qsl(parts.query))
    if strange := options.keys() - _OPTIONS:
        raise ValueError(f"the dsn has the option {min(strange)}; known are {', '.join(sorted(_OPTIONS))}")
    service = unquote(parts.path.removeprefix("/"))
    if bool(service) == ("sid" in options):
        raise ValueError("the dsn names the database as /SERVICE or as ?sid=SID")
    where: oracledb.ConnectParams = oracledb.ConnectParams(
        user=unquote(parts.username or "") or None,
        host=parts.hostname or "localhost",
        port=parts.port or 1521,
        protocol=options.get("protocol", "tcp"),
        service_name=service or None,
        sid=options.get("sid"),
        wallet_location=options.get("wallet"),
        tcp_connect_timeout=CONNECT_SECONDS,
        retry_count=0,
        program="greffe",
    )
    return where


def _fetched(cursor: oracledb.Cursor, column: oracledb.FetchInfo) -> Any:
    wanted: Any = _FETCHED.get(column.type_code)
    return None if wanted is None else cursor.var(wanted, arraysize=cursor.arraysize)


def _let_go(thing: oracledb.Connection | oracledb.Cursor) -> None:
    with suppress(oracledb.Error):  # the connection was lost already
        thing.close()
