"""Every test can use the lab's servers and sites; those marked ``long`` run only with ``--long``, those marked ``oracle`` only
where TEST_ORACLE_DSN names a server."""

from __future__ import annotations

import os

import pytest

pytest_plugins = ["tests.lab.plugin", "pytester"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--long``: the long runs too."""
    parser.addoption("--long", action="store_true", help="run the tests marked long too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the long runs unless they are asked for, and what needs a server that only a DSN can bring."""
    left_out = [] if config.getoption("--long") else ["long"]
    left_out += [] if os.environ.get("TEST_ORACLE_DSN") else ["oracle"]
    gone = [item for item in items if any(item.get_closest_marker(marker) for marker in left_out)]
    if gone:
        config.hook.pytest_deselected(items=gone)
        items[:] = [item for item in items if item not in set(gone)]
