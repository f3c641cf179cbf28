"""What Moodle's two tasks wrote in each scenario; every version on every engine writes the same rows."""

from __future__ import annotations

import json
from pathlib import Path

from tests.moodle.goldens import keep, states_in
from tests.moodle.state import State, differences

FOLDER = Path(__file__).parent / "golden"


def load(scenario: str) -> list[State]:
    """The recorded states: before the first night and after each."""
    return [plain(state) for state in states_in(FOLDER / f"{scenario}.json")]


def plain(state: State) -> State:
    """A state without the cohorts' ids: two copies of a site never share them, and no sync writes an instance's row."""
    rows = [
        {k: v for k, v in row.items() if k != "customint1"} if row["enrol"] == "cohort" else row
        for row in state.get("enrol", [])
    ]
    return state | {"enrol": rows}


def record(scenario: str, about: str, seen: dict[str, list[State]]) -> None:
    """Write a scenario's file. Raises AssertionError where two versions or engines do not agree."""
    path = FOLDER / f"{scenario}.json"
    (_, states), *others = seen.items()
    for label, other in others:
        assert not differences(states, other), f"{scenario}: {label} writes other rows"
    agree = set(seen)
    if path.is_file() and not differences(load(scenario), states):
        agree |= set(json.loads(path.read_text(encoding="utf-8"))["agree"])
    FOLDER.mkdir(exist_ok=True)
    keep(path, states, about=about, agree=sorted(agree))
