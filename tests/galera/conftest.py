"""A site on the cluster, the states that undisturbed nights leave, and the count of what was tried."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from greffe.errors import Exit
from tests.galera.seasons import Lab, Season, Seasons, Wire, seasons
from tests.galera.tally import Tally
from tests.lab.galera import Cluster

_TALLY = pytest.StashKey[Tally]()


@pytest.fixture(scope="session")
def tally(pytestconfig: pytest.Config) -> Tally:
    """The counts of this run."""
    return pytestconfig.stash.setdefault(_TALLY, Tally())


@pytest.fixture(scope="session")
def right(galera: Cluster, tmp_path_factory: pytest.TempPathFactory) -> dict[Season, dict[str, list[object]]]:
    """What undisturbed nights leave, by season."""
    found: dict[Season, dict[str, list[object]]] = {}
    with seasons(galera, tmp_path_factory.mktemp("undisturbed")) as nights:
        for _ in range(2):
            season = nights.turn()
            assert nights.night().exit is Exit.DONE
            found[season] = nights.found()
    return found


@pytest.fixture(scope="session")
def site(galera: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seasons]:
    """The site that is disturbed: one for all tests, since each leaves it right."""
    with seasons(galera, tmp_path_factory.mktemp("disturbed")) as nights:
        yield nights
        galera.heal()  # its database is dropped on all nodes


@pytest.fixture
def lab(
    site: Seasons, tally: Tally, right: dict[Season, dict[str, list[object]]], monkeypatch: pytest.MonkeyPatch
) -> Lab:
    """A whole cluster, and nights through its first node."""
    site.cluster.heal()
    site.through(site.cluster.nodes[0])
    wire = Wire()
    wire.hang(monkeypatch)
    return Lab(site, wire, tally, right, monkeypatch)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was tried."""
    tally = config.stash.get(_TALLY, None)
    if tally is not None and tally.faults:
        terminalreporter.section("galera")
        for line in tally.lines():
            terminalreporter.write_line(line)
