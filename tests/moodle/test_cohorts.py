"""Greffe leaves the rows that Moodle's own cohort/lib.php leaves: both make the same cohorts, night by night."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.moodle.cohorts import NIGHTS, OWN, PEOPLE, PHP, night, prepare, state
from tests.moodle.database import Database
from tests.moodle.site import Site, Sites
from tests.moodle.snapshot import checksums
from tests.moodle.tree import VERSIONS


def moodle_plays(site: Site, database: Database, *, plugin: bool) -> list[dict[str, Any]]:
    prepare(site, database, plugin=plugin)
    component = {"component": "local_greffe" if plugin else ""}
    states = []
    for steps, _, _ in NIGHTS:
        site.php(PHP, stdin=json.dumps([{"step": "wait"}, *(s | component for s in steps)]))
        states.append(state(database))
    return states


def greffe_plays(site: Site, database: Database, folder: Path, *, plugin: bool) -> list[dict[str, Any]]:
    prepare(site, database, plugin=plugin)
    states = []
    for _, wanted, options in NIGHTS:
        site.php(PHP, stdin=json.dumps([{"step": "wait"}]))
        before = checksums(database)
        night(database, folder, wanted, options)
        after = checksums(database)
        changed = {t for t in after if after[t] != before.get(t)}
        assert {t for t in changed if not t.startswith("mdl_local_greffe_")} <= OWN
        states.append(state(database))
    return states


@pytest.mark.moodle
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("plugin", [False, True], ids=["bare", "with the plugin"])
def test_the_same_rows_as_moodles_own(version: str, plugin: bool, moodles: Sites, tmp_path: Path) -> None:
    site = moodles(version)
    site.reset()
    with site.database() as database:
        moodle = moodle_plays(site, database, plugin=plugin)
    site.reset()
    with site.database() as database:
        assert greffe_plays(site, database, tmp_path, plugin=plugin) == moodle

        # and Moodle goes on from there as with cohorts of its own making
        steps = [
            {"step": "join", "cohort": "L1", "people": PEOPLE[:1]},
            {"step": "leave", "cohort": "L1", "people": PEOPLE},
            {"step": "delete", "cohort": "L1"},
            {"step": "delete", "cohort": "L2"},
        ]
        site.php(PHP, stdin=json.dumps(steps))
        assert state(database) == {"cohort": [], "members": []}
