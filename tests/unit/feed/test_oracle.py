"""What an Oracle feed does before a server has answered, with the driver's own objects."""

from __future__ import annotations

import gc
import socket
import threading
import time
from datetime import datetime
from decimal import Decimal

import pytest

from greffe.config.feeds import Feed
from greffe.config.secret import Secret
from greffe.errors import FeedError
from greffe.feed import oracle
from greffe.feed.opening import open_feed


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch) -> Secret:
    monkeypatch.setenv("SIS_PASSWORD", "s3cret")
    return Secret(env="SIS_PASSWORD")


@pytest.mark.parametrize(
    ("dsn", "meant"),
    [
        ("oracle://greffe@sis/APOPROD", ("greffe", "sis", 1521, "APOPROD", None, "tcp", None)),
        ("oracle://sis:1599/?sid=APO", (None, "sis", 1599, None, "APO", "tcp", None)),
        (
            "oracle://gr%40ffe@[::1]:2484/apo.univ.example?protocol=tcps&wallet=/etc/greffe/wallet",
            ("gr@ffe", "::1", 2484, "apo.univ.example", None, "tcps", "/etc/greffe/wallet"),
        ),
    ],
)
def test_addresses(dsn: str, meant: tuple[object, ...]) -> None:
    found = oracle.address(dsn)
    assert (
        found.user, found.host, found.port, found.service_name, found.sid, found.protocol, found.wallet_location
    ) == meant  # fmt: skip
    assert found.tcp_connect_timeout == 10
    assert found.ssl_server_dn_match


@pytest.mark.parametrize(
    ("dsn", "words"),
    [
        ("oracle://sis", "the dsn names the database as /SERVICE or as"),
        ("oracle://sis/A?sid=B", "the dsn names the database as /SERVICE or as"),
        ("oracle://sis/A?walet=/x", "the dsn has the option walet; known are protocol, sid, wallet"),
        ("oracle://sis:port/A", "Port could not be cast"),
        ("oracle://sis/A?protocol=udp", "protocol"),
    ],
)
def test_addresses_that_are_none(dsn: str, words: str, password: Secret) -> None:
    with pytest.raises(FeedError, match=rf"^\[feed\.ia\] oracle://sis.*{words}"):
        open_feed("ia", Feed(dsn=dsn, password=password, sql="select 1 from dual"))


@pytest.mark.parametrize(
    "sql",
    ["select 1 from dual", " \n-- what\n/* and\nwhy */ WITH x AS (select 1 from dual) select * from x", "((select 1 from dual))"],
)  # fmt: skip
def test_queries(sql: str) -> None:
    oracle.refuse_changes(sql)


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("drop table x", "drop"),
        ("-- select\ndelete from x", "delete"),
        ("/* select */ begin x; end", "begin"),
        ("", "nothing"),
        ("-- select", "nothing"),
        ("selection", "selection"),
    ],
)
def test_anything_else_is_refused_before_a_connection(sql: str, word: str, password: Secret) -> None:
    with pytest.raises(FeedError, match=rf"the statement begins with {word}; it must be a SELECT"):
        open_feed("ia", Feed(dsn="oracle://127.0.0.1:1/A", password=password, sql=sql))


def test_cells_are_the_text_that_other_databases_write() -> None:
    morning = datetime.fromisoformat("2026-09-01 08:30:00")  # a DATE of Oracle's has no zone
    cells = [
        None, "é", Decimal(101), Decimal("12.50"), Decimal("1E+3"), Decimal("1E-7"), datetime.fromisoformat("2026-09-01"),
        morning, b"x", 1.5,
    ]  # fmt: skip
    assert [oracle.text(cell) for cell in cells] == [
        None, "é", "101", "12.50", "1000", "0.0000001", "2026-09-01", "2026-09-01 08:30:00", b"x", 1.5,
    ]  # fmt: skip


def test_a_server_that_is_not_there(password: Secret) -> None:
    feed = Feed(dsn="oracle://greffe@127.0.0.1:1/APO", password=password, query="apogee/ia")
    with pytest.raises(
        FeedError, match=r"^\[feed\.ia\] oracle://greffe@127\.0\.0\.1:1/APO: .*refused"
    ) as caught:
        open_feed("ia", feed)
    assert "s3cret" not in str(caught.value)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the driver's socket
def test_a_listener_that_never_answers(password: Secret, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oracle, "CONNECT_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begin = time.monotonic()
        dsn = f"oracle://greffe@127.0.0.1:{silent.getsockname()[1]}/APO"
        with pytest.raises(FeedError, match="no session was opened in 1 seconds"):
            open_feed("ia", Feed(dsn=dsn, password=password, query="apogee/ia"))
        assert time.monotonic() - begin < 5
    for thread in threading.enumerate():
        if thread.name == "connecting to 127.0.0.1":
            thread.join()
    gc.collect()


def test_what_is_no_listener_of_oracle(password: Secret) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"

        def answer() -> None:
            connection, _ = other.accept()
            connection.recv(1000)
            connection.sendall(b"220 mail.example ESMTP\r\n")
            connection.close()

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(FeedError, match=rf"^\[feed\.ia\] oracle://greffe@{address}/APO: "):
            open_feed("ia", Feed(dsn=f"oracle://greffe@{address}/APO", password=password, query="apogee/ia"))
        thread.join()
