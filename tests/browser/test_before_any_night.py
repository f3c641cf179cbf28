"""A site with the plugin on which no night has run yet, in a real browser."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Visit
from tests.browser.monitoring import same_as_the_engine
from tests.browser.university import HEALTH, University

pytestmark = [pytest.mark.moodle, pytest.mark.browser]


def test_before_the_first_run(campus: University, visit: Visit) -> None:
    screen = visit(campus.at("empty"), "admin")
    text = screen.go(f"{HEALTH}?lang=en")
    assert "Greffe has not run yet" in text
    assert "No night has read a feed yet." in text
    assert "Nobody is waiting." in text
    assert "No audit has run yet." in text
    assert screen.page.locator("canvas, table").count() == 0
    assert "Greffe n’a pas encore tourné" in screen.go(f"{HEALTH}?lang=fr")


def test_monitoring_before_the_first_run(campus: University) -> None:
    same_as_the_engine(campus.at("empty"), "warning")
