"""Greffe's ``[[link]]`` rules leave the rows that Moodle's own pages leave: instances made, changed, switched, deleted, and
their people; and Moodle's own tasks find nothing to do afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.site import MoodleSite
from tests.moodle.database import connected
from tests.moodle.following.sides import Campus, nothing_left
from tests.moodle.goldens import keep, states_in
from tests.moodle.links import (
    greffe_plays,
    moodle_plays,
    prepare,
)
from tests.moodle.site import Sites
from tests.moodle.sqlworld import SqlWorld
from tests.moodle.state import differences
from tests.moodle.tree import VERSIONS

GOLDEN = Path(__file__).parent / "following" / "golden" / "links-by-rule.json"


@pytest.mark.moodle
@pytest.mark.parametrize("version", VERSIONS)
def test_the_same_rows_as_moodles_own_pages(
    version: str, moodles: Sites, request: pytest.FixtureRequest
) -> None:
    site = moodles(version)
    site.reset()
    with site.database() as database:
        moodle = moodle_plays(site, database)
    if request.config.getoption("--record", default=False):
        about = (
            "what Moodle's own pages and tasks leave of methods that are made, changed, switched and deleted"
        )
        keep(GOLDEN, moodle, about=about)
    assert not differences(states_in(GOLDEN), moodle)

    site.reset()
    with site.database() as database:
        prepare(Campus(site, database))

        assert not differences(moodle, greffe_plays(database, lambda: nothing_left(site, database)))


def test_greffe_writes_the_golden_rows(moodle_site: MoodleSite) -> None:
    with connected(moodle_site.server, moodle_site.dbname) as database:
        prepare(SqlWorld(database))
        assert not differences(states_in(GOLDEN), greffe_plays(database))
