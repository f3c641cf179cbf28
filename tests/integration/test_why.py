"""Why somebody is in a course, or is not: the right link for prepared cases, on real databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from greffe.commands.why import why, why_not
from tests.integration.explaining import CASES, Case, World, told
from tests.integration.following import Campus
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite


@pytest.fixture
def world(moodle_site: MoodleSite, tmp_path: Path) -> World:
    return World(Campus(Nights(moodle_site, tmp_path)))


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_the_link_that_breaks(world: World, case: Case) -> None:
    case.prepare(world)
    for ask in (why, why_not):
        found = ask(world.nights.config(), case.person, case.course)
        assert told(found) == (case.link, case.cause), found
        broken = found.chains[0].broken
        assert broken is not None
        assert case.mend in broken.todo
