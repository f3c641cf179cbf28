"""Which scenario is played on which site."""

from __future__ import annotations

import pytest

from tests.moodle.conftest import JUDGES


def pytest_itemcollected(item: pytest.Item) -> None:
    """In a usual run each judge plays a quarter of the scenarios, and all else; the rest is for the long runs."""
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    judge = parameters.get("version"), parameters.get("server")
    if None in judge:
        return
    judges = sorted(JUDGES)
    if "scenario" in parameters:
        lot = sum(parameters["scenario"].name.encode()) % (2 * len(judges))
        judges = judges[lot : lot + 1]
    if judge not in judges:
        item.add_marker("long")
