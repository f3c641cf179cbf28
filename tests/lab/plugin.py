"""Fixtures and reports of the lab, for every test below ``tests/``.

``server`` gives a test once for each database; ``mariadb_server`` and ``postgresql_server`` are for what concerns one
of them alone; ``moodle_site`` is a fresh Moodle database on ``server``; ``galera`` is a cluster. Tests are marked by what
they use.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from .directory import Directory, slapd_version
from .galera import Cluster, galera_cluster
from .lacking import lacking
from .parts import Part, counts, part_of
from .server import Engine, Server, Unavailable
from .session import Lab
from .site import MoodleSite, fresh_site, template

_LAB = pytest.StashKey[Lab]()
_PARTS = pytest.StashKey[dict[str, Part]]()
_CLUSTER = pytest.StashKey[str]()

_ENGINES = [
    pytest.param("mariadb", marks=pytest.mark.mariadb),
    pytest.param("postgresql", marks=pytest.mark.postgresql),
]


def pytest_configure(config: pytest.Config) -> None:
    """Set up the lab; no server is started yet."""
    config.stash[_LAB] = Lab()
    config.stash[_PARTS] = {}


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what the lab started."""
    config.stash[_LAB].close()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark a test that asks for one database by name, so that ``-m mariadb`` finds it."""
    for engine in ("mariadb", "postgresql"):
        if f"{engine}_server" in getattr(item, "fixturenames", ()):
            item.add_marker(engine)
    for fixture, marker in (("galera", "galera"), ("slapd", "ldap")):
        if fixture in getattr(item, "fixturenames", ()):
            item.add_marker(marker)


def pytest_report_collectionfinish(config: pytest.Config, items: list[pytest.Item]) -> list[str]:
    """Say which servers will be used, for the databases that the chosen tests need."""
    config.stash[_PARTS].update({item.nodeid: part_of(item) for item in items})
    if config.option.collectonly:
        return []
    lab, lines = config.stash[_LAB], []
    engines: tuple[Engine, ...] = ("mariadb", "postgresql")
    for engine in engines:
        if any(item.get_closest_marker(engine) for item in items):
            with contextlib.suppress(Unavailable):  # the tests that need it will say so
                lab.server(engine)
            lines.append(f"database: {lab.describe(engine)}")
    return lines


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Count each part of the suite and name what it ran on."""
    parts, lab = config.stash[_PARTS], config.stash[_LAB]
    used: dict[Part, str] = {
        "unit": "no server",
        "LDAP": slapd_version(),
        "MariaDB": lab.describe("mariadb"),
        "PostgreSQL": lab.describe("postgresql"),
        "Galera": config.stash.get(_CLUSTER, "no cluster"),
        "Moodle": "a real Moodle on " + " and ".join(lab.in_use()),
    }
    terminalreporter.section("parts")
    for part, count in counts(parts, terminalreporter.stats).items():
        if count:  # the others are another process's
            result = ", ".join(f"{count[word]} {word}" for word in ("passed", "failed", "skipped"))
            terminalreporter.write_line(f"{part:<11}{result:<38}{used[part]}")


@pytest.fixture(scope="session")
def long(pytestconfig: pytest.Config) -> bool:
    """Whether this is a long run: tests with a number to choose take the large one."""
    return bool(pytestconfig.option.long)


@pytest.fixture(scope="session")
def mariadb_server(request: pytest.FixtureRequest) -> Server:
    """The run's MariaDB server."""
    return _server(request, "mariadb")


@pytest.fixture(scope="session")
def postgresql_server(request: pytest.FixtureRequest) -> Server:
    """The run's PostgreSQL server."""
    return _server(request, "postgresql")


@pytest.fixture(scope="session", params=_ENGINES)
def server(request: pytest.FixtureRequest) -> Server:
    """Each of the two servers in turn."""
    return _server(request, request.param)


@pytest.fixture(scope="session")
def site_template(server: Server) -> Iterator[str]:
    """What ``moodle_site`` copies."""
    with template(server) as name:
        yield name


@pytest.fixture
def moodle_site(server: Server, site_template: str) -> Iterator[MoodleSite]:
    """A fresh Moodle database, this test's alone."""
    with fresh_site(server, site_template) as site:
        yield site


@pytest.fixture(scope="session")
def galera(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """The run's Galera cluster; tests that hurt it heal it."""
    with contextlib.ExitStack() as stack:
        try:
            cluster = stack.enter_context(galera_cluster())
        except Unavailable as reason:
            lacking(f"no Galera cluster for the tests: {reason}")
        request.config.stash[_CLUSTER] = str(cluster)
        yield cluster


@pytest.fixture
def slapd(tmp_path: Path) -> Iterator[Directory]:
    """An LDAP server of the test's own, not started yet."""
    try:
        made = Directory(tmp_path / "slapd")
    except Unavailable as reason:
        lacking(f"no LDAP server for the tests: {reason}")
    yield made
    made.stop()


def _server(request: pytest.FixtureRequest, engine: Engine) -> Server:
    try:
        return request.config.stash[_LAB].server(engine)
    except Unavailable as reason:
        lacking(str(reason))
