"""Every test can use the lab's servers and sites; those marked ``long`` run only with ``--long``."""

from __future__ import annotations

import pytest

pytest_plugins = ["tests.lab.plugin", "pytester"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--long``: the long runs too."""
    parser.addoption("--long", action="store_true", help="run the tests marked long too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long runs out unless they are asked for."""
    if config.getoption("--long"):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if not item.get_closest_marker("long")]
