"""Who is subscribed to a course's forum after cohort sync and meta links: by a night of Moodle's own tasks, and by Greffe with
its relay."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.moodle.following.scenarios import COURSES, SCENARIOS, Scenario
from tests.moodle.following.sides import PHP, Campus, Doings, moodle_tasks, play
from tests.moodle.following.sides import greffe as sync
from tests.moodle.scenario import Course, User
from tests.moodle.site import Site, Sites
from tests.moodle.steps import AddForum
from tests.moodle.tree import VERSIONS
from tests.moodle.world import MoodleWorld
from tests.plugin.relay.relaying import RELAY

SUBSCRIBED = """
    SELECT c.shortname, u.username FROM mdl_forum_subscriptions s
      JOIN mdl_forum f ON f.id = s.forum JOIN mdl_course c ON c.id = f.course JOIN mdl_user u ON u.id = s.userid
  ORDER BY c.shortname, u.username, s.id
"""


class WithForums(Campus):
    """Each course has a forum that subscribes whoever comes into it."""

    def prepare(self, courses: Sequence[Course], users: Sequence[User]) -> None:
        super().prepare(courses, users)
        with self.site.living() as moodle:
            forums = [AddForum(course, "Debate", subscribes=True) for course in COURSES]
            MoodleWorld(moodle, self.database).live(forums)


def subscribed(scenario: Scenario, site: Site, night: Callable[[Site, Doings], None]) -> list[list[object]]:
    """Who is subscribed to which course's forum, after each night."""
    site.reset()
    found = []
    with site.database() as database:

        def then(day: Doings) -> None:
            night(site, day)
            found.append([tuple(row) for row in database.query(SUBSCRIBED)])

        play(scenario, WithForums(site, database), then)
    return [list(each) for each in found]


USUAL = {
    "cohort-leave-unenrol",
    "cohort-two-in-a-course",
    "cohort-disabled-instance",
    "cohort-role-changed",
    "meta-two-parents",
}
"""What comes and goes in each way; the others in a long run, since Moodle plays each of them anew."""
CHOSEN = [
    pytest.param(scenario, id=scenario.name, marks=[] if scenario.name in USUAL else pytest.mark.long)
    for scenario in SCENARIOS
]


@pytest.mark.moodle
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("scenario", CHOSEN)
def test_the_same_people(scenario: Scenario, version: str, plugged: Sites, tmp_path: Path) -> None:
    def ours(site: Site, _: Doings) -> None:
        with site.database() as database:
            sync(database, tmp_path)
        site.php(PHP, RELAY)

    site = plugged(version)
    theirs = subscribed(scenario, site, moodle_tasks)
    assert subscribed(scenario, site, ours) == theirs
    assert any(theirs)
