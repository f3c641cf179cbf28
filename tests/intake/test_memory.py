"""A long file is read in the memory of a short one, and lines that repeat far apart are still found."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

from greffe.intake.lines import RefusedLine
from greffe.intake.opening import open_batchfile
from greffe.intake.wants import Wants


def people(lines: int) -> str:
    """As many different people, but for a few that are named twice."""
    rows = [f"{21_000_000 + n};TD n°{n % 7};2027-06-30;add" for n in range(lines)]
    # its accents are not UTF-8, so that all keys are looked at first
    rows[lines // 2] = rows[3]
    rows[lines // 3] = rows[5].replace("add", "del")
    rows[lines // 4] = rows[7].replace("2027-06-30", "demain")
    return "\n".join(["person;group;end;action", *rows, ""])


def peaks(path: Path) -> tuple[list[int], int, list[RefusedLine], tuple[str, ...]]:
    """Bytes at most in the first walk, kept after it, at most in the second; lines, refused ones, notes.

    The first walk looks for lines that repeat, with a filter of constant size that would hide what the second needs.
    """
    tracemalloc.start()
    try:
        file = open_batchfile(path, wants=Wants.ONE_COURSE)
        number = sum(1 for _ in file.lines())
        kept, first = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        refused = [line for line in file.lines() if isinstance(line, RefusedLine)]
        return [first, kept, tracemalloc.get_traced_memory()[1]], number, refused, file.notes
    finally:
        tracemalloc.stop()


def test_ten_times_the_lines_take_the_same_memory(batch: Callable[..., Path], long: bool) -> None:
    measured = []
    for lines in (20_000, 200_000) if long else (5_000, 50_000):
        found, number, refused, notes = peaks(batch(people(lines).encode("cp1252"), f"{lines}.csv"))
        measured.append(found)
        assert number == lines
        assert {(r.line, r.why) for r in refused} == {
            (7, f"contradicts line {lines // 3 + 2}"),
            (lines // 3 + 2, "contradicts line 7"),
            (lines // 4 + 2, "is no date: write 2026-09-01, or 2026-09-01 08:00"),
        }
        assert notes[-1].startswith("lines that say the same as an earlier one: 1 (first: line ")
    # a tenth of the least that one line takes in the file
    assert all(more - less < lines * 3 for less, more in zip(*measured, strict=True)), measured
