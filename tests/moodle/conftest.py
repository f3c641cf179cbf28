"""Sites with a real Moodle, each built once for all tests, and the recording of what Moodle writes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from tests.moodle import goldens, tree
from tests.moodle.database import Engine, Server
from tests.moodle.goldens import Seen
from tests.moodle.scenarios import SCENARIOS
from tests.moodle.site import Servers, Site, Sites, site


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="write the goldens anew from what Moodle does now")


@dataclass(frozen=True)
class _Dsn:
    engine: Engine
    host: str
    port: int
    user: str
    password: str


@pytest.fixture(scope="session")
def servers() -> Servers:
    def get(engine: Engine) -> Server:
        url = urlsplit(os.environ[f"TEST_{engine.upper()}_DSN"])
        return _Dsn(engine, url.hostname or "", url.port or 0, url.username or "", url.password or "")

    return get


@pytest.fixture(scope="session")
def sites(servers: Servers) -> Iterator[Sites]:
    """A site of a Moodle version on an engine; skips where this machine has no such tree."""
    trees, made = tree.find(), dict[tuple[str, Engine], Site]()
    with contextlib.ExitStack() as stack:

        def get(version: str, engine: Engine) -> Site:
            if version not in trees:
                pytest.skip(f"no Moodle {version} source tree (MOODLE_DIR, {tree.cache()}/moodle-{version})")
            if (version, engine) not in made:
                made[version, engine] = stack.enter_context(site(trees[version], servers(engine)))
            return made[version, engine]

        yield get


@pytest.fixture(scope="session")
def seen(request: pytest.FixtureRequest) -> Iterator[Seen]:
    """What Moodle wrote; with --record it becomes the goldens at the end."""
    found: Seen = {}
    yield found
    if request.config.getoption("--record", default=False):
        for scenario in SCENARIOS:
            if scenario.name in found:
                goldens.record(scenario.name, scenario.about, found[scenario.name])
