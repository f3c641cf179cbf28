"""Moodle is told of what a file of people did: manual enrolments, their roles and groups, and groupings."""

from __future__ import annotations

from pathlib import Path

import pytest

from greffe.commands._file.batch import Asked
from greffe.commands.enrol import Wishes, enrol
from greffe.commands.undo import undo
from greffe.config import parse
from greffe.intake.opening import open_batchfile
from greffe.intake.wants import Wants
from tests.moodle.database import Database
from tests.moodle.scenario import Course, User
from tests.moodle.site import Sites
from tests.moodle.tree import VERSIONS
from tests.moodle.world import MoodleWorld
from tests.plugin.relay.relaying import last_change, outcomes, relay


def events(database: Database) -> set[str]:
    """Names of those in the log that groupings leave."""
    rows = database.query(
        "SELECT eventname FROM mdl_logstore_standard_log WHERE eventname LIKE %s", "%grouping%"
    )
    return {str(name).rpartition("\\")[2] for (name,) in rows}


@pytest.mark.moodle
@pytest.mark.parametrize("version", VERSIONS)
def test_a_file_and_its_undo_are_told(version: str, plugged: Sites, tmp_path: Path) -> None:
    site = plugged(version)
    site.reset()
    file = tmp_path / "people.csv"
    file.write_text("person;course;group;grouping\n1;LAW101;TD1;TDs\n2;LAW101;TD1;\n", encoding="utf-8")
    with site.database() as database, site.living() as moodle:
        MoodleWorld(moodle, database).prepare([Course("LAW101")], [User("1"), User("2")])
        config = parse({"moodle": database.configuration()}, "test.toml")
        done = enrol(config, open_batchfile(file, wants=Wants.PEOPLE), Wishes(), Asked())
        assert done.result is not None
        relay(moodle)
        told = outcomes(database)
        assert {outcome for _, outcome in told} == {"told"}
        assert told["create-grouping", "told"] == told["join-grouping", "told"] == 1
        moodle.do([{"step": "FlushLog"}])
        assert events(database) == {"grouping_created", "grouping_group_assigned"}

        last = last_change(database)
        assert undo(config, done.result.run).refused == []
        relay(moodle)
        assert outcomes(database, last)["leave-grouping", "told"] == 1
        moodle.do([{"step": "FlushLog"}])
        assert "grouping_group_unassigned" in events(database)
