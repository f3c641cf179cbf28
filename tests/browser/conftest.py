"""A browser, and the university that it looks at."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.screen import Screen
from tests.browser.university import University
from tests.integration.nights import Nights
from tests.lab.lacking import lacking
from tests.lab.server import Server
from tests.lab.site import MoodleSite
from tests.living.web import served
from tests.moodle.conftest import plugged, pytest_itemcollected
from tests.moodle.site import Sites
from tests.moodle.tree import VERSIONS

__all__ = ["plugged", "pytest_itemcollected"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; playwright's own download is never taken."""
    found = shutil.which("chromium")
    if not found:
        lacking("no chromium on this machine")
    with sync_playwright() as playwright:
        # what a Moodle 4.5 fetches from elsewhere is not waited for, wherever the tests run
        arguments = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
        arguments += ["--no-sandbox"] if os.geteuid() == 0 else []
        yield playwright.chromium.launch(executable_path=found, args=arguments)


@pytest.fixture(scope="session", params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    """The Moodle that is looked at."""
    return str(request.param)


@pytest.fixture(scope="session")
def campus(
    browser: Browser, server: Server, version: str, plugged: Sites, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[University]:
    """The university, served on loopback. No page of it may make PHP complain."""
    site = plugged(version)
    nights = Nights(MoodleSite(server, site.name), tmp_path_factory.mktemp("extracts"))
    with site.database() as database, served(site, 4) as root:
        university = University(site, database, nights, root)
        yield university
        university.close()
    log = (site.dataroot / "web.log").read_text(encoding="utf-8", errors="replace")
    assert not re.findall(r"^.*(?:PHP (?:Warning|Notice|Deprecated|Fatal)|Debugging:).*$", log, re.MULTILINE)


Visit = Callable[..., Screen]
"""visit(university, username, width=…, script=…): a page of that person's browser, logged in."""


@pytest.fixture
def visit(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Pages for the length of a test, and that none of them had an error of its own."""
    screens: list[Screen] = []
    pictures = Path(str(request.config.rootpath)) / "build" / "screenshots"

    def open_one(campus: University, username: str, width: int = 1280, *, script: bool = True) -> Screen:
        screen = Screen(browser, campus, pictures, username, width, script=script)
        screens.append(screen)
        return screen

    yield open_one
    for screen in screens:
        screen.close()
