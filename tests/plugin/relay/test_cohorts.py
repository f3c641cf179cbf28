"""Cohorts by Moodle's own API and by Greffe with the relay: the same log, the same badges."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.moodle.cohorts import NIGHTS, PHP, night, prepare
from tests.moodle.database import Database
from tests.moodle.logs import Logged, Row
from tests.moodle.site import Site, Sites
from tests.moodle.state import minus
from tests.moodle.tree import VERSIONS
from tests.plugin.relay.relaying import RELAY, outcomes

HERE = Path(__file__).parent / "php"
TASKS = PHP.parent / "tasks.php"


def badges(database: Database) -> list[str]:
    """Who has a badge."""
    rows = database.query(
        "SELECT u.idnumber FROM mdl_badge_issued b JOIN mdl_user u ON u.id = b.userid ORDER BY u.idnumber"
    )
    return [name for (name,) in rows]


def play(site: Site, database: Database, by: Any) -> tuple[list[list[Row]], list[list[str]]]:
    """The log of each night, and who has the badge after it. The badge is made after the first."""
    prepare(site, database, plugin=False)
    log, awarded = Logged(database), []
    for number, each in enumerate(NIGHTS):
        with log.night():
            by(*each)
        if number == 0:
            site.php(HERE / "badge.php", "L1")
        awarded.append(badges(database))
    return log.nights, awarded


@pytest.mark.moodle
@pytest.mark.parametrize("version", VERSIONS)
def test_the_same_log_and_badges(version: str, plugged: Sites, tmp_path: Path) -> None:
    site = plugged(version)
    site.reset()
    component = {"component": "local_greffe"}
    with site.database() as database:

        def moodle(steps: list[dict[str, Any]], *_: Any) -> None:
            site.php(PHP, stdin=json.dumps([s | component for s in steps]))

        theirs, expected = play(site, database, moodle)
    site.reset()
    with site.database() as database:

        def greffe(_: Any, wanted: dict[str, list[str]], options: dict[str, Any]) -> None:
            night(database, tmp_path, wanted, options)
            site.php(TASKS, RELAY)

        ours, awarded = play(site, database, greffe)
        found = outcomes(database)
        # of a deleted cohort's members Moodle says nothing either
        assert {key for key in found if key[1] != "told"} == {("leave-cohort", "no-place")}
    assert awarded == expected
    assert len(awarded[1]) == len(awarded[0]) + 1  # who came in the second night
    for left, right in zip(theirs, ours, strict=True):
        assert (minus(left, right), minus(right, left)) == ([], [])
