"""The ladder takes the first provider that can serve, says why the others could not, and never hides a missing one."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .container import client
from .dsn import from_url
from .images import registry_answers
from .ladder import PROVIDERS, database_server
from .server import Engine, Server, Unavailable

ROOT = Path(__file__).parents[2]
LAB = ("-p", "tests.lab.plugin", "-p", "no:cacheprovider")
MARKERS = "[pytest]\nmarkers =\n    mariadb\n    postgresql\n    galera\n    moodle\n"


@contextmanager
def nothing(engine: Engine, durable: bool) -> Iterator[Server]:
    """A provider that has nothing here."""
    raise Unavailable("nothing to be had")
    yield


@contextmanager
def broken(engine: Engine, durable: bool) -> Iterator[Server]:
    """A provider whose server does not come up."""
    raise RuntimeError("did not start")
    yield


@pytest.fixture
def unpinned(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that says nothing about databases."""
    for name in ("TEST_DB_PROVIDER", "TEST_MARIADB_DSN", "TEST_POSTGRESQL_DSN"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.postgresql
def test_falls_through_to_a_server_that_works(unpinned: None) -> None:
    ladder = {"dsn": PROVIDERS["dsn"], "other": nothing, "wheel": PROVIDERS["wheel"]}
    with database_server("postgresql", providers=ladder) as server:
        assert server.provider.startswith("wheel")
        assert int(server.version().split(".")[0]) >= 15


def test_says_why_there_is_none(unpinned: None) -> None:
    ladder = {"dsn": PROVIDERS["dsn"], "other": nothing, "wheel": PROVIDERS["wheel"]}
    with pytest.raises(Unavailable) as reason, database_server("mariadb", providers=ladder):
        pass
    assert str(reason.value) == (
        "no MariaDB server for the tests; dsn: TEST_MARIADB_DSN is not set; other: nothing to be had;"
        " wheel: there is no wheel with a MariaDB server"
    )


def test_a_pinned_provider_is_the_only_one(unpinned: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_DB_PROVIDER", "dsn")
    with pytest.raises(Unavailable, match=r"dsn: TEST_POSTGRESQL_DSN is not set$"):
        database_server("postgresql").__enter__()
    monkeypatch.setenv("TEST_DB_PROVIDER", "cloud")
    with pytest.raises(Unavailable, match="none of dsn, docker, binary, wheel"):
        database_server("postgresql").__enter__()


def test_a_server_that_does_not_come_up_is_no_reason_to_take_another(unpinned: None) -> None:
    with pytest.raises(RuntimeError, match="did not start"):
        database_server("postgresql", providers={"broken": broken, **PROVIDERS}).__enter__()


def test_a_dsn_names_a_server_or_a_socket() -> None:
    server = from_url("mariadb", "mariadb://root:p%40ss@db.example.org:3307", "dsn")
    assert (server.host, server.port, server.user, server.password) == (
        "db.example.org",
        3307,
        "root",
        "p@ss",
    )
    socket_server = from_url("postgresql", "postgresql://postgres:@/postgres?host=/run/pg", "wheel")
    assert (socket_server.host, socket_server.port, socket_server.password) == ("/run/pg", 5432, "")


def test_a_silent_registry_costs_seconds() -> None:
    """The engine would wait for it for minutes."""
    try:
        with client():
            pass
    except Unavailable as reason:
        pytest.skip(str(reason))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        start = time.monotonic()
        assert not registry_answers(f"127.0.0.1:{silent.getsockname()[1]}/nothing:1")
        assert time.monotonic() - start < 8


@pytest.fixture
def inner(pytester: pytest.Pytester, unpinned: None, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A run of pytest with the lab in it, where no database can be had."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "engine")]))
    monkeypatch.setenv("TEST_DB_PROVIDER", "dsn")
    monkeypatch.delenv("CI", raising=False)
    pytester.makeini(MARKERS)
    return pytester


def test_a_missing_database_is_a_skip_here_and_a_failure_in_ci(
    inner: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner.makepyfile("def test_needs_both(server): pass")
    here = inner.runpytest_subprocess(*LAB, "-rs")
    here.assert_outcomes(skipped=2)
    here.stdout.fnmatch_lines(["*no MariaDB server for the tests; dsn: TEST_MARIADB_DSN is not set*"])
    monkeypatch.setenv("CI", "true")
    in_ci = inner.runpytest_subprocess(*LAB)
    in_ci.assert_outcomes(errors=2)
    in_ci.stdout.fnmatch_lines(["PostgreSQL 0 passed, 1 failed, 0 skipped*no PostgreSQL server*"])


def test_tests_are_counted_by_what_they_use(inner: pytest.Pytester) -> None:
    inner.makepyfile(
        """
        import pytest

        def test_alone(): pass
        def test_fails(): assert not "right"
        def test_each(server): pass
        def test_one(mariadb_server): pass
        @pytest.mark.moodle
        def test_real(): pass
        """
    )
    result = inner.runpytest_subprocess(*LAB)
    result.stdout.fnmatch_lines(
        [
            "unit       1 passed, 1 failed, 0 skipped*no server",
            "MariaDB    0 passed, 0 failed, 2 skipped*",
            "PostgreSQL 0 passed, 0 failed, 1 skipped*",
            "Moodle     1 passed, 0 failed, 0 skipped*",
        ]
    )
    chosen = inner.runpytest_subprocess(*LAB, "-m", "mariadb")
    chosen.assert_outcomes(skipped=2, deselected=4)
