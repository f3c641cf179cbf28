"""Nobody goes on seeing what was true before: Moodle's caches outside the database, which no task of its own repairs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from greffe.commands.nightly import nightly
from greffe.config import parse
from greffe.errors import Exit
from tests.integration.nights import NO_GUARDS
from tests.moodle.database import Database
from tests.moodle.scenario import Course, User
from tests.moodle.site import Site, Sites
from tests.moodle.tree import VERSIONS
from tests.moodle.world import MoodleWorld
from tests.plugin.relay.relaying import RELAY, relay

RESTRICTED = Path(__file__).parent / "php" / "restricted.php"
TASKS = Path(__file__).parents[2] / "moodle" / "php" / "tasks.php"


def night(database: Database, folder: Path, group: str) -> None:
    """One student of one course, in this group."""
    feed = folder / "groups.csv"
    feed.write_text(f"course;person;class\nLAW101;1;{group}\nLAW101;2;TD1\nLAW101;2;TD2\n", encoding="utf-8")
    rule: dict[str, Any] = {
        "feed": "f", "course": "{{ course }}", "role": "student", "group": "{{ class }}", "leavers": "suspend",
    }  # fmt: skip
    feeds = {"f": {"csv": str(feed), "person": {"column": "person", "match": "idnumber"}, "shrink": "none"}}
    moodle = database.configuration()
    result = nightly(
        parse({"moodle": moodle, "feed": feeds, "course": [rule], "guards": NO_GUARDS}, "test.toml")
    )
    assert result.exit is Exit.DONE


@pytest.mark.moodle
@pytest.mark.parametrize("version", VERSIONS)
def test_a_person_moved_to_another_group_sees_its_activity(
    version: str, plugged: Sites, tmp_path: Path
) -> None:
    site: Site = plugged(version)
    site.reset()
    with site.database() as database, site.living() as moodle:
        MoodleWorld(moodle, database).prepare([Course("LAW101")], [User("1"), User("2")])
        night(database, tmp_path, "TD1")
        relay(moodle)

        def sees(person: str = "1", what: str = "see") -> list[str]:
            return list(json.loads(site.php(RESTRICTED, what, "LAW101", person)))

        assert sees(what="make") == sees() == ["for TD1"]
        assert sees("2") == ["for TD1", "for TD2"]
        night(database, tmp_path, "TD2")
        assert sees() == ["for TD1"]  # what Moodle has in its cache, and would have for ever
        site.php(TASKS, RELAY)
        assert sees() == ["for TD2"]
        assert sees("2") == ["for TD1", "for TD2"]
