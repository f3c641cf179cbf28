"""What the figures are measured against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.bench.audit import CASE
from tests.bench.result import Result
from tests.lab.server import Engine

ROWS = 100_000
MANY = 1_000_000
MAX_MB = 120
HUGE = 10_000_000
HUGE_MB = 400
MAX_WAIT = 1.0
METHODS = 2_000
FILE = 20
AUDIT = 2.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """One bar, and whether it is met."""

    db: Engine
    what: str
    bar: str
    measured: str
    met: bool


_FASTER: dict[str, tuple[str, dict[Engine, float]]] = {
    "first-load": ("first load, rate against Moodle's own task", {"mariadb": 60, "postgresql": 150}),
    "changes": ("1 % in and 1 % out, against Moodle's own task", {"mariadb": 6, "postgresql": 30}),
}
_FOLLOWING: dict[str, tuple[int, str, float]] = {
    "cohort-first-sync": (ROWS, "first cohort sync, rate against Moodle's own task", 60),
    "meta-first-sync": (ROWS // 2, "first meta sync, rate against Moodle's own task", 40),
    "cohort-changes": (ROWS, "1 % join and 1 % leave cohorts, against Moodle's own task", 6),
}
_UNCHANGED: dict[str, tuple[int, str]] = {
    "cohort-no-change": (ROWS, "cohort sync without changes, against Moodle's own task"),
    "meta-no-change": (ROWS // 2, "meta sync without changes, against Moodle's own task"),
    "methods-no-change": (
        ROWS + ROWS // 2,
        "a night of both without changes, against both of Moodle's tasks",
    ),
}
_SHARE: dict[Engine, float] = {"mariadb": 0.5, "postgresql": 0.25}


def verdicts(results: Sequence[Result], db: Engine) -> Iterator[Verdict]:
    """The bars that these results can be held against, for one database."""
    by = {(r.case, r.rows): r for r in results if r.db == db}
    for case, (what, bars) in _FASTER.items():
        if (r := by.get((case, ROWS))) and r.vs_moodle:
            yield Verdict(db, what, f"≥ {bars[db]:g}×", f"{r.vs_moodle:.1f}×", r.vs_moodle >= bars[db])
    if (r := by.get(("first-load", ROWS))) and r.vs_limit:
        yield Verdict(db, "first load against the limit", "≤ 1.5×", f"{r.vs_limit:.2f}×", r.vs_limit <= 1.5)
    night = by.get(("no-change", ROWS))
    if night and night.vs_moodle:
        share = 1 / night.vs_moodle
        what = "night without changes, against Moodle's own"
        yield Verdict(db, what, f"≤ {_SHARE[db]:g}×", f"{share:.2f}×", share <= _SHARE[db])
    leavers = by.get(("no-change-with-suspended", ROWS))
    if night and leavers:
        ratio = leavers.seconds / night.seconds
        what = "the same with twice as many suspended leavers beside"
        yield Verdict(db, what, "≤ 2×", f"{ratio:.2f}×", ratio <= 2)
        same = leavers.statements == night.statements
        yield Verdict(
            db, "statements of both: as many, three times the people", "equal",
            f"{night.statements}, {leavers.statements}", same,
        )  # fmt: skip
    many = by.get(("no-change", MANY))
    if many:
        yield Verdict(
            db, "1,000,000 without changes, memory", f"≤ {MAX_MB} MB", f"{many.peak_mb:.0f} MB",
            many.peak_mb <= MAX_MB,
        )  # fmt: skip
        if night:
            ratio = many.seconds / night.seconds
            yield Verdict(
                db, "1,000,000 without changes against 100,000", "≤ 12×", f"{ratio:.1f}×", ratio <= 12
            )
    if waits := by.get(("moodle-waits", ROWS)):
        what = "longest write of Moodle beside 50,000 changes"
        yield Verdict(db, what, f"< {MAX_WAIT:g} s", f"{waits.seconds:.2f} s", waits.seconds < MAX_WAIT)
    if huge := by.get(("no-change", HUGE)):
        what = "10,000,000 without changes, memory"
        yield Verdict(db, what, f"≤ {HUGE_MB} MB", f"{huge.peak_mb:.0f} MB", huge.peak_mb <= HUGE_MB)
        if many:
            ratio = huge.seconds / many.seconds
            what = "10,000,000 without changes against 1,000,000"
            yield Verdict(db, what, "≤ 12×", f"{ratio:.1f}×", ratio <= 12)
    if (file := by.get(("methods-file", METHODS))) and file.vs_moodle:
        what = "2,000 methods in one file, rate against Moodle's own course upload"
        yield Verdict(db, what, f"≥ {FILE:g}×", f"{file.vs_moodle:.1f}×", file.vs_moodle >= FILE)
    yield from _following(by, db)
    yield from _audits(results, db)


def _audits(results: Sequence[Result], db: Engine) -> Iterator[Verdict]:
    """What every audit alone must stay within."""
    found = [r for r in results if r.db == db and r.case.startswith(CASE) and r.rows >= MANY]
    if slowest := max(found, key=lambda r: r.seconds, default=None):
        what = f"slowest audit at {slowest.rows:,} enrolments ({slowest.case.removeprefix(CASE)})"
        yield Verdict(db, what, f"< {AUDIT:g} s", f"{slowest.seconds:.2f} s", slowest.seconds < AUDIT)


def _following(by: Mapping[tuple[str, int], Result], db: Engine) -> Iterator[Verdict]:
    """The bars of methods that follow something."""
    for case, (rows, what, bar) in _FOLLOWING.items():
        if (r := by.get((case, rows))) and r.vs_moodle:
            yield Verdict(db, what, f"≥ {bar:g}×", f"{r.vs_moodle:.1f}×", r.vs_moodle >= bar)
    for case, (rows, what) in _UNCHANGED.items():
        if (r := by.get((case, rows))) and r.vs_moodle:
            share = 1 / r.vs_moodle
            yield Verdict(db, what, "≤ 0.5×", f"{share:.2f}×", share <= 0.5)
    for method, rows in (("cohort", ROWS), ("meta", ROWS // 2)):
        few, many = by.get((f"{method}-no-change", rows)), by.get((f"{method}-no-change", 10 * rows))
        if few and many:
            ratio = many.seconds / few.seconds
            what = f"{10 * rows:,} by {method} without changes against {rows:,}"
            yield Verdict(db, what, "≤ 12×", f"{ratio:.1f}×", ratio <= 12)
