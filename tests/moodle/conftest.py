"""Sites with a real Moodle, each built once for all tests, and the recording of what Moodle writes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from tests.lab.server import Server
from tests.moodle import goldens, log_goldens, table, tree
from tests.moodle.goldens import Seen
from tests.moodle.scenarios import SCENARIOS
from tests.moodle.site import Site, Sites, site
from tests.moodle.state import CLOCKS
from tests.moodle.table import Ticks

JUDGES = {("4.5", "mariadb"), ("5.1", "postgresql")}
"""Where every scenario is played live in a usual run: each version and each database once. All four are in the long runs."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--record",
        action="store_true",
        help="write goldens and docs/scenarios.md anew from what Moodle does now",
    )


def pytest_itemcollected(item: pytest.Item) -> None:
    """Judges that only the long runs (and a recording) hear are marked so."""
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    judge = parameters.get("version"), parameters.get("server")
    if None not in judge and judge not in JUDGES and not item.config.getoption("--record", default=False):
        item.add_marker("long")


@pytest.fixture(scope="session")
def moodles(server: Server) -> Iterator[Sites]:
    """A site of a Moodle version on the server; skips where this machine has no such tree."""
    with _sites(server, plugin=False) as get:
        yield get


@pytest.fixture(scope="session")
def plugged(server: Server) -> Iterator[Sites]:
    """The same with Greffe's plugin installed."""
    with _sites(server, plugin=True) as get:
        yield get


@contextlib.contextmanager
def _sites(server: Server, *, plugin: bool) -> Iterator[Sites]:
    trees, made = tree.find(), dict[str, Site]()
    with contextlib.ExitStack() as stack:

        def get(version: str) -> Site:
            if version not in trees:
                pytest.skip(f"no Moodle {version} source tree (MOODLE_DIR, {tree.cache()}/moodle-{version})")
            if version not in made:
                code = trees[version].with_plugin() if plugin else trees[version]
                made[version] = stack.enter_context(site(code, server))
            return made[version]

        yield get


@pytest.fixture(scope="session")
def seen(request: pytest.FixtureRequest) -> Iterator[Seen]:
    """What Moodle wrote; with --record it becomes the goldens at the end."""
    found: Seen = {}
    yield found
    if request.config.getoption("--record", default=False):
        for scenario in SCENARIOS:
            if found.get(scenario.name):
                goldens.record(scenario.name, scenario.about, found[scenario.name])


@pytest.fixture(scope="session")
def logged(request: pytest.FixtureRequest) -> Iterator[log_goldens.Logged]:
    """What Moodle told its log store meanwhile; with --record it becomes the goldens at the end."""
    found: log_goldens.Logged = {}
    yield found
    if request.config.getoption("--record", default=False):
        for scenario, nights in found.items():
            log_goldens.record(scenario, nights)


@pytest.fixture(scope="session")
def ticks(request: pytest.FixtureRequest) -> Iterator[Ticks]:
    """Which scenarios were judged on which Moodle; with --record they become the table in docs/."""
    found: Ticks = {}
    yield found
    if request.config.getoption("--record", default=False):
        table.write(found, list(CLOCKS))
