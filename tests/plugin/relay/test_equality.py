"""A night of Greffe and then the relay leave what a night of Moodle's own tasks leaves beside the rows of enrolments: the same
log, the same subscriptions; and no observer changes what Greffe has written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.moodle import goldens, log_goldens
from tests.moodle.database import Database
from tests.moodle.following.scenarios import SCENARIOS as FOLLOWING
from tests.moodle.following.scenarios import Scenario as Following
from tests.moodle.following.sides import PHP, Campus
from tests.moodle.following.sides import greffe as sync
from tests.moodle.following.sides import play as follow
from tests.moodle.greffe_side import Greffe
from tests.moodle.logs import Logged, Row
from tests.moodle.scenario import Scenario, Settings, play
from tests.moodle.scenarios import SCENARIOS
from tests.moodle.site import Living, Sites
from tests.moodle.state import minus
from tests.moodle.tree import VERSIONS
from tests.moodle.world import MoodleWorld, log_of, moodle_settings
from tests.plugin.relay.relaying import RELAY, enrolments, outcomes, relay

MUTE = frozenset({"told", "quiet"})
"""What the relay may do with a change in a night that it follows at once."""
SHARED = "cohort-shared-group"
"""Who leaves a group by one method and is in it by another the same night: Moodle takes him out and puts him in again, and tells
both. By Greffe nobody ever saw him outside (docs/en/relay.md)."""


class GreffeAndRelay:
    """A night, and the relay right after it."""

    def __init__(self, database: Database, moodle: Living, folder: Path) -> None:
        self.database, self.moodle, self.log = database, moodle, log_of(moodle, database)
        self.greffe = Greffe(database, folder)

    def night(self, settings: Settings) -> None:
        with self.log.night():
            self.greffe.night(settings)
            before = enrolments(self.database)
            relay(self.moodle)
            assert enrolments(self.database) == before


@pytest.mark.moodle
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_beside_enrol_database(scenario: Scenario, version: str, plugged: Sites, tmp_path: Path) -> None:
    site = plugged(version)
    site.reset(moodle_settings(scenario.settings))
    with site.database() as database, site.living() as moodle:
        registrar = GreffeAndRelay(database, moodle, tmp_path)
        states = play(scenario, MoodleWorld(moodle, database), registrar)
        assert {outcome for _, outcome in outcomes(database)} <= MUTE
    known = scenario.differs(site.server.engine)
    if known is None or known.section == "forum-subscriptions":  # which the relay makes good
        expected = goldens.load(scenario.name, site.label)
        for theirs, ours in zip(expected, states, strict=True):
            assert ours.get("forum_subscriptions") == theirs.get("forum_subscriptions")
        same(log_goldens.load(scenario.name, site.label), registrar.log.nights)


@pytest.mark.moodle
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("scenario", FOLLOWING, ids=lambda scenario: scenario.name)
def test_beside_cohort_sync_and_meta_links(
    scenario: Following, version: str, plugged: Sites, tmp_path: Path
) -> None:
    site = plugged(version)
    site.reset()
    with site.database() as database:
        log = Logged(database)

        def night(_: object) -> None:
            with log.night():
                sync(database, tmp_path)
                before = enrolments(database)
                site.php(PHP, RELAY)
                assert enrolments(database) == before

        follow(scenario, Campus(site, database), night)
        moodle = log_goldens.load(scenario.name, site.label)
        if scenario.name == SHARED:
            assert outcomes(database)["leave-group", "back"] == 1
            rows = [row for row in moodle[1] if row["eventname"].endswith("group_member_removed")]
            moodle[1] = minus(moodle[1], [row for row in rows if row not in log.nights[1]])
        else:
            assert {outcome for _, outcome in outcomes(database)} <= MUTE
        same(moodle, log.nights)


def same(moodle: list[list[Row]], greffe: list[list[Row]]) -> None:
    """The same rows each night, in whatever order."""
    assert len(moodle) == len(greffe)
    for theirs, ours in zip(moodle, greffe, strict=True):
        assert (minus(theirs, ours), minus(ours, theirs)) == ([], [])
