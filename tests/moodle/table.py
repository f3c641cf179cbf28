"""The table of scenarios in docs/: what was judged where, and with what outcome. Written by the tests that judge."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from pathlib import Path

from tests.moodle.following.scenarios import SCENARIOS as FOLLOWING
from tests.moodle.scenarios import SCENARIOS
from tests.moodle.tree import VERSIONS

FILE = Path(__file__).parents[2] / "docs" / "scenarios.md"
COLUMNS = [f"{version}-{engine}" for version in VERSIONS for engine in ("mariadb", "postgresql")]
SAME, OTHER = "✓", "≠"
"""Greffe left Moodle's rows; Greffe wanted otherwise, as differences.md says."""
Ticks = dict[str, dict[str, str]]
"""Scenario → column → tick."""

_FOLLOWING = f"""
## Cohort sync and course meta links

The same for Moodle's tasks `enrol_cohort_sync` and `enrol_meta_sync`, beside `greffe methods sync`. {SAME} Greffe left exactly
Moodle's rows after each night, and Moodle's own two tasks then changed no table but those that tell that they ran.

"""
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
    now = {name: known.get(name, {}) | ticks.get(name, {}) for name in known.keys() | ticks.keys()}
    listed = textwrap.fill(", ".join(f"`{table}`" for table in tables), 120)
    first = _rows({s.name: s.about for s in SCENARIOS}, now)
    second = _rows({s.name: s.about for s in FOLLOWING}, now)
    FILE.write_text(_HEAD.format(tables=listed) + first + _FOLLOWING + second, encoding="utf-8")


def _rows(about: Mapping[str, str], ticks: Ticks) -> str:
    names = [f"{version} {engine}" for version in VERSIONS for engine in ("MariaDB", "PostgreSQL")]
    lines = [f"| scenario | what happens | {' | '.join(names)} |", f"|---|---|{':-:|' * len(names)}"]
    for name, what in about.items():
        cells = " | ".join(ticks.get(name, {}).get(column, " ") for column in COLUMNS)
        lines.append(f"| `{name}` | {what} | {cells} |")
    return "\n".join(lines) + "\n"
