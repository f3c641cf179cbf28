"""What the living site's tests share with those of the judge, and their figures."""

from __future__ import annotations

import pytest

from tests.moodle.conftest import moodles

__all__ = ["moodles"]

_LINES = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_LINES] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What Moodle's people felt."""
    if lines := config.stash[_LINES]:
        terminalreporter.section("beside a living Moodle")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture
def living(pytestconfig: pytest.Config) -> list[str]:
    """Where a test reports what was measured."""
    return pytestconfig.stash[_LINES]
