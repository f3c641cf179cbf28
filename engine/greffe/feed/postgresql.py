"""Asks PostgreSQL, through a server-side cursor in a read-only transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import cast

import psycopg
from psycopg.adapt import AdaptersMap
from psycopg.types.numeric import IntDumper
from psycopg.types.string import TextLoader

from greffe.feed.database import ANSWER_SECONDS, BATCH, CONNECT_SECONDS, Answer, Question, Row

_SETTINGS = f"""
    select set_config('statement_timeout', '{ANSWER_SECONDS}s', true),
           set_config('datestyle', 'ISO', true), set_config('intervalstyle', 'iso_8601', true)
"""


def ask(question: Question) -> Answer:
    """Send the statement. The extended protocol of a cursor's declaration admits a single SELECT (or WITH, VALUES)."""
    everything_as_text = AdaptersMap()
    everything_as_text.register_loader(0, TextLoader)  # 0 stands for each type without a loader of its own
    everything_as_text.register_dumper(int, IntDumper)  # for the number in FETCH
    with ExitStack() as stack:
        connection = psycopg.connect(
            question.dsn,
            password=question.password,
            connect_timeout=CONNECT_SECONDS,
            tcp_user_timeout=ANSWER_SECONDS * 1000,
            application_name="greffe",
            client_encoding="utf8",
            context=everything_as_text,
        )
        stack.callback(connection.close)
        connection.read_only = True
        connection.execute(_SETTINGS)
        cursor = connection.cursor(name="greffe_feed")
        stack.callback(cursor.close)
        cursor.execute(question.sql.encode())
        columns = [column.name for column in cursor.description or ()]
        hang_up = stack.pop_all().close

    def batches() -> Iterator[Sequence[Row]]:
        while batch := cursor.fetchmany(BATCH):
            yield cast("Sequence[Row]", batch)

    return Answer(columns, batches(), hang_up)
