"""What Moodle's own tasks log in each scenario, kept as small files: the relay is judged by them without Moodle's side being
played once more. The tests that play it see to it that the files stay true."""

from __future__ import annotations

import json
from pathlib import Path

from tests.moodle.logs import Nights

FOLDER = Path(__file__).parent / "golden" / "log"
Logged = dict[str, dict[str, Nights]]
"""What was logged in one session: scenario, then version and engine."""


def load(scenario: str, label: str) -> Nights:
    """What Moodle of this version, on this engine, logs. Raises LookupError where that was never recorded."""
    for path in _paths(scenario):
        kept = json.loads(path.read_text(encoding="utf-8"))
        if label in kept["agree"]:
            return [[kept["rows"][at] for at in night] for night in kept["nights"]]
    raise LookupError(f"{scenario} was never recorded for {label}: run `pytest tests/moodle --record`")


def record(scenario: str, seen: dict[str, Nights]) -> None:
    """Write a scenario's files; what most agree on is the common one. What was not played now stays."""
    for old in _paths(scenario):
        kept = json.loads(old.read_text(encoding="utf-8"))
        nights = [[kept["rows"][at] for at in night] for night in kept["nights"]]
        seen = dict.fromkeys(kept["agree"], nights) | seen
        old.unlink()
    groups: dict[str, list[str]] = {}
    for label, nights in sorted(seen.items()):
        groups.setdefault(json.dumps(nights, sort_keys=True), []).append(label)
    FOLDER.mkdir(exist_ok=True)
    for number, agree in enumerate(sorted(groups.values(), key=len, reverse=True)):
        name = f"{scenario}@{agree[0]}" if number else scenario
        text = _text(agree, seen[agree[0]])
        (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")


def _text(agree: list[str], nights: Nights) -> str:
    """Each row once, a line each."""
    lines = sorted({json.dumps(row, sort_keys=True, ensure_ascii=False) for night in nights for row in night})
    at = {line: number for number, line in enumerate(lines)}
    numbered = [
        [at[json.dumps(row, sort_keys=True, ensure_ascii=False)] for row in night] for night in nights
    ]
    rows = ",\n  ".join(lines)
    return f'{{"agree": {json.dumps(agree)},\n "nights": {json.dumps(numbered)},\n "rows": [\n  {rows}]}}\n'


def _paths(scenario: str) -> list[Path]:
    return [FOLDER / f"{scenario}.json", *sorted(FOLDER.glob(f"{scenario}@*.json"))] if (FOLDER / f"{scenario}.json").is_file() else []  # fmt: skip
