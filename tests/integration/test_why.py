"""Why somebody is in a course, or is not: the right link for prepared cases, on real databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from greffe.commands.why import why, why_not
from tests.integration.explaining import CASES, Case, Shared, World, told
from tests.lab.server import Server
from tests.lab.site import fresh_site


@pytest.fixture(scope="module")
def shared(server: Server, site_template: str) -> Iterator[Shared]:
    with fresh_site(server, site_template) as site:
        yield Shared(site)


@pytest.fixture
def world(shared: Shared, tmp_path: Path) -> Iterator[World]:
    yield shared.world(tmp_path)
    shared.clear()


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_the_link_that_breaks(world: World, case: Case) -> None:
    case.prepare(world)
    for ask in (why, why_not):
        found = ask(world.nights.config(), case.person, case.course)
        assert told(found) == (case.link, case.cause), found
        broken = found.chains[0].broken
        assert broken is not None
        assert case.mend in broken.todo
