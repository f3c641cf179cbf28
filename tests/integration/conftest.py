"""A site of the lab as Greffe sees it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from greffe.moodle.database import Database, Settings, connect
from tests.integration.batches import Batches
from tests.integration.commandline import Commands, site
from tests.integration.explaining import Shared, World
from tests.integration.nights import Nights
from tests.lab.server import Server
from tests.lab.site import MoodleSite, fresh_site

__all__ = ["site"]


@pytest.fixture
def settings(moodle_site: MoodleSite) -> Settings:
    """The connection to the test's own site."""
    return moodle_site.settings


@pytest.fixture
def batches(moodle_site: MoodleSite, tmp_path: Path) -> Batches:
    """Files of people for it."""
    return Batches(Nights(moodle_site, tmp_path))


@pytest.fixture
def db(settings: Settings) -> Iterator[Database]:
    """An open connection to it."""
    db = connect(settings)
    yield db
    db.close()


@pytest.fixture
def greffe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Commands:
    """The command line with the greffe.toml of the test's directory."""
    return Commands(tmp_path, capsys)


@pytest.fixture(scope="session")
def shared(server: Server, site_template: str) -> Iterator[Shared]:
    """One site for all questions about people: nearly every test needs few of its rows."""
    with fresh_site(server, site_template) as site:
        yield Shared(site)


@pytest.fixture
def world(shared: Shared, tmp_path: Path) -> Iterator[World]:
    """A small university on it, without registrations."""
    yield shared.world(tmp_path)
    shared.clear()
