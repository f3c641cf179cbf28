"""What Moodle wrote in each scenario, kept as small files so that it also judges where there is no Moodle.

A file holds the state before the first night and then, for each night, the rows that are gone and the rows that are
new. ``agree`` names the versions and engines that were seen to write exactly this; those that do otherwise have files
of their own.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.moodle.state import CLOCKS, Row, State, minus, ordered

FOLDER = Path(__file__).parent / "golden"
OF_FILES = Path(__file__).parent / "golden_files"
"""What Moodle's tools made of files of people, cohorts and courses."""
Change = dict[str, dict[str, list[Row]]]
Seen = dict[str, dict[str, list[State]]]
"""What Moodle was seen to write in one session: scenario, then version and engine."""


class NotRecordedError(LookupError):
    """No golden file tells what this Moodle writes: run ``pytest tests/moodle --record``."""


def load(scenario: str, label: str = "", engine: str = "") -> list[State]:
    """The recorded states of a scenario: of this version and engine, of this engine, or those that most agree on.

    Raises NotRecordedError.
    """
    for path in _paths(scenario):
        kept = json.loads(path.read_text(encoding="utf-8"))
        if any(label in ("", known) and known.endswith(engine) for known in kept["agree"]):
            return unfold(kept["start"], kept["nights"])
    raise NotRecordedError(f"{scenario} was never recorded for {label or engine or 'any Moodle'}")


def record(scenario: str, about: str, seen: dict[str, list[State]]) -> None:
    """Write a scenario's files from what each version and engine did; what most agree on is the common one."""
    for old in _paths(scenario):
        kept = json.loads(old.read_text(encoding="utf-8"))
        states = unfold(kept["start"], kept["nights"])
        seen = dict.fromkeys(kept["agree"], states) | seen  # what was not played now stays as it was
        old.unlink()
    seen = {label: [ordered(state) for state in states] for label, states in sorted(seen.items())}
    groups: dict[str, list[str]] = {}
    for label, states in seen.items():
        groups.setdefault(json.dumps(states, sort_keys=True), []).append(label)
    common, *others = sorted(groups.values(), key=len, reverse=True)
    FOLDER.mkdir(exist_ok=True)
    for path, agree in [(_path(scenario), common), *((_path(scenario, other[0]), other) for other in others)]:
        keep(path, seen[agree[0]], about=about, agree=agree)


def keep(file: Path, states: list[State], **about: object) -> None:
    """Write states into a file, after what else is to be said of them."""
    start, nights = fold(states)
    file.write_text(_lines({**about, "start": start, "nights": nights}) + "\n", encoding="utf-8")


def states_in(file: Path) -> list[State]:
    """The states of such a file."""
    found = json.loads(file.read_text(encoding="utf-8"))
    return unfold(found["start"], found["nights"])


def fold(states: list[State]) -> tuple[State, list[Change]]:
    """The first state, and what each night changed."""
    return states[0], [_change(*pair) for pair in pairwise(states)]


def unfold(start: State, nights: list[Change]) -> list[State]:
    """The states again."""
    states = [start]
    for night in nights:
        state: State = {}
        for table in CLOCKS:
            change = night.get(table, {})
            rows = minus(states[-1].get(table, []), change.get("gone", [])) + change.get("new", [])
            if rows:
                state[table] = rows
        states.append(state)
    return states


def _change(before: State, after: State) -> Change:
    change: Change = {}
    for table in CLOCKS:
        old, new = before.get(table, []), after.get(table, [])
        rows = {"gone": minus(old, new), "new": minus(new, old)}
        kept = {word: found for word, found in rows.items() if found}
        if kept:
            change[table] = kept
    return change


def _paths(scenario: str) -> list[Path]:
    """The scenario's files, the common one first."""
    return [
        path
        for path in sorted(FOLDER.glob(f"{scenario}*.json"), key=lambda path: (len(path.stem), path.stem))
        if re.fullmatch(rf"{scenario}(-[\d.]+-(mariadb|postgresql))?", path.stem)
    ]


def _path(scenario: str, label: str = "") -> Path:
    return FOLDER / (f"{scenario}-{label}.json" if label else f"{scenario}.json")


def _lines(value: Any, indent: str = "") -> str:
    """JSON with one row of a table a line: what changed is then seen in a diff."""
    deeper = indent + " "
    if isinstance(value, dict) and any(isinstance(inner, dict | list) for inner in value.values()):
        parts = [f"{deeper}{json.dumps(key)}: {_lines(inner, deeper)}" for key, inner in value.items()]
        return "{\n" + ",\n".join(parts) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
        return "[\n" + ",\n".join(f"{deeper}{_lines(inner, deeper)}" for inner in value) + f"\n{indent}]"
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
