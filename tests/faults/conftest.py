"""The sites of the fault tests, and the count of what they tried."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.campus import Campus
from tests.faults.raced import Raced
from tests.faults.tally import Tally
from tests.lab.site import MoodleSite

_TALLY = pytest.StashKey[Tally]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_TALLY] = Tally()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What the fault tests tried, and what they found."""
    if lines := config.stash[_TALLY].lines():
        terminalreporter.section("faults")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture
def tally(pytestconfig: pytest.Config) -> Tally:
    """Where a test counts its faults."""
    return pytestconfig.stash[_TALLY]


@pytest.fixture
def campus(moodle_site: MoodleSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Campus]:
    """The small university on the evening before a night of every kind of change."""
    with Campus(moodle_site, tmp_path, patch=monkeypatch).opened() as campus:
        campus.settle()
        yield campus


@pytest.fixture
def nights(moodle_site: MoodleSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Raced:
    """A site of a few courses before its first night."""
    nights = Raced(moodle_site, tmp_path, patch=monkeypatch)
    nights.settle()
    return nights
