"""The table of scenarios in docs/: what was judged where, and with what outcome. Written by the tests that judge."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from tests.moodle.scenarios import SCENARIOS
from tests.moodle.tree import VERSIONS

FILE = Path(__file__).parents[2] / "docs" / "scenarios.md"
COLUMNS = [f"{version}-{engine}" for version in VERSIONS for engine in ("mariadb", "postgresql")]
SAME, OTHER = "✓", "≠"
"""Greffe left Moodle's rows; Greffe wanted otherwise, as differences.md says."""
Ticks = dict[str, dict[str, str]]
"""Scenario → column → tick."""

_HEAD = f"""\
# Scenarios

What Moodle's own External-database task is asked to do, on real sites of Moodle {" and ".join(VERSIONS)}, on MariaDB and
PostgreSQL, and Greffe on the same sites. After each night every row of these tables is compared:

{{tables}}.

{SAME} Greffe left exactly Moodle's rows after each night, and Moodle's own task then found nothing to do. {OTHER} Greffe wants
something else, which is tested on both sides: [differences](en/differences.md).

Written by `pytest tests/moodle --record`.

"""


def read() -> Ticks:
    """The ticks that were written."""
    ticks: Ticks = {}
    for line in FILE.read_text(encoding="utf-8").splitlines() if FILE.is_file() else ():
        if row := re.fullmatch(r"\| `([\w-]+)` \| .* \|" + r" (.) \|" * len(COLUMNS), line):
            ticks[row[1]] = dict(zip(COLUMNS, row.groups()[1:], strict=True))
    return ticks


def write(ticks: Ticks, tables: list[str]) -> None:
    """The table anew; what was not judged now keeps the tick that it had."""
    known = read()
    names = [f"{version} {engine}" for version in VERSIONS for engine in ("MariaDB", "PostgreSQL")]
    lines = [f"| scenario | what happens | {' | '.join(names)} |", f"|---|---|{':-:|' * len(names)}"]
    for scenario in SCENARIOS:
        seen = known.get(scenario.name, {}) | ticks.get(scenario.name, {})
        cells = " | ".join(seen.get(column, " ") for column in COLUMNS)
        lines.append(f"| `{scenario.name}` | {scenario.about} | {cells} |")
    listed = textwrap.fill(", ".join(f"`{table}`" for table in tables), 120)
    FILE.write_text(_HEAD.format(tables=listed) + "\n".join(lines) + "\n", encoding="utf-8")
