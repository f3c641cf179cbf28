"""The contract of readers on an Oracle server: TEST_ORACLE_DSN as a feed's dsn, its password in TEST_ORACLE_PASSWORD.

The account needs CREATE TABLE and a quota; the table is greffe_test_ip.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress

import oracledb
import pytest

from greffe.config.feeds import Feed
from greffe.config.secret import Secret
from greffe.errors import FeedError
from greffe.feed.opening import open_feed
from greffe.feed.oracle import address
from greffe.model import Table
from tests.contracts.table import Deliver, TableContract

pytestmark = pytest.mark.oracle
PASSWORD = "TEST_ORACLE_PASSWORD"


@pytest.fixture
def dsn() -> str:
    return os.environ["TEST_ORACLE_DSN"]


@pytest.fixture
def connection(dsn: str) -> Iterator[oracledb.Connection]:
    with closing(oracledb.connect(params=address(dsn), password=os.environ.get(PASSWORD))) as connection:
        yield connection


def ask(dsn: str, sql: str) -> Table:
    return open_feed("ip", Feed(dsn=dsn, password=Secret(env=PASSWORD), sql=sql))


class TestContractOfOracle(TableContract):
    @pytest.fixture
    def deliver(self, dsn: str, connection: oracledb.Connection) -> Iterator[Deliver]:
        def make(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
            cells = "c0 VARCHAR2(1000 CHAR), c1 VARCHAR2(1000 CHAR), c2 VARCHAR2(1000 CHAR)"
            cursor.execute(f"CREATE TABLE greffe_test_ip (n INTEGER PRIMARY KEY, {cells})")
            if rows:
                numbered = [(n, *row) for n, row in enumerate(rows, 1)]
                cursor.executemany("INSERT INTO greffe_test_ip VALUES (:1, :2, :3, :4)", numbered)
            connection.commit()
            columns = ", ".join(f'c{n} AS "{name}"' for n, name in enumerate(header))
            return ask(dsn, f"SELECT {columns} FROM greffe_test_ip ORDER BY n")

        with connection.cursor() as cursor:
            with suppress(oracledb.DatabaseError):  # there is none yet
                cursor.execute("DROP TABLE greffe_test_ip")
            yield make
            cursor.execute("DROP TABLE greffe_test_ip")


def test_every_type_is_text(dsn: str) -> None:
    table = ask(
        dsn,
        "SELECT 1 AS i, NULL AS nothing, DATE '2026-09-01' AS d, TIMESTAMP '2026-09-01 08:30:00' AS t, "
        "CAST(12.5 AS NUMBER(10, 2)) AS part, TO_CLOB('é') AS long_text FROM dual;",
    )
    assert list(table.rows()) == [(1, ["1", "", "2026-09-01", "2026-09-01 08:30:00", "12.5", "é"])]


def test_what_is_wrong_is_named(dsn: str) -> None:
    with pytest.raises(FeedError, match="ORA-00942"):
        ask(dsn, "SELECT * FROM greffe_nowhere")
