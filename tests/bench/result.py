"""What a case came to: a line of the table, an object of the JSON file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from tests.bench.site import Night
from tests.lab.server import Engine


@dataclass(frozen=True, slots=True)
class Result:
    """One case, under the names that the JSON file uses. Of several rounds the best counts, on every side."""

    case: str
    db: Engine
    rows: int
    seconds: float
    """Of a night; ``moodle-waits``: of the slowest of Moodle's writes beside it; ``journal``: its part of the limit."""
    cpu_seconds: float
    peak_mb: float
    statements: int
    """Greffe's; ``moodle-waits``: Moodle's."""
    vs_moodle: float | None
    """How many times as fast as Moodle's own task; for a first load by the time of one enrolment."""
    vs_limit: float | None
    """How many times as long as the database itself takes to copy the rows."""

    @classmethod
    def best(
        cls,
        case: str,
        db: Engine,
        rows: int,
        nights: Sequence[Night],
        tasks: Sequence[float] = (),
        limit: float | None = None,
    ) -> Self:
        """The result of several rounds. ``tasks``: seconds of Moodle's own; ``limit``: of the database itself."""
        best = min(nights, key=lambda night: night.seconds)
        return cls(
            case=case,
            db=db,
            rows=rows,
            seconds=round(best.seconds, 3),
            cpu_seconds=round(min(n.cpu_seconds for n in nights), 3),
            peak_mb=round(max(n.peak_mb for n in nights), 1),
            statements=best.statements,
            vs_moodle=round(min(tasks) / best.seconds, 2) if tasks else None,
            vs_limit=round(best.seconds / limit, 2) if limit else None,
        )
