"""A site of the lab as Greffe sees it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from greffe.moodle.database import Database, Settings, connect
from tests.lab.site import MoodleSite


@pytest.fixture
def settings(moodle_site: MoodleSite) -> Settings:
    """The connection to the test's own site."""
    s = moodle_site
    return Settings(
        engine=s.engine, host=s.host, port=s.port, name=s.dbname, user=s.user, password=s.password, prefix=s.prefix
    )  # fmt: skip


@pytest.fixture
def db(settings: Settings) -> Iterator[Database]:
    """An open connection to it."""
    db = connect(settings)
    yield db
    db.close()
