"""A long file is read in the memory of a short one, and lines that repeat far apart are still found."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

from greffe.intake.lines import RefusedLine
from greffe.intake.opening import open_batchfile
from greffe.intake.wants import Wants

SHORT, LONG = 20_000, 200_000


def people(lines: int) -> str:
    """As many different people, but for a few that are named twice."""
    rows = [f"{21_000_000 + n};C{n % 500};TD n°{n % 7};2027-06-30;add" for n in range(lines)]
    # its accents are not UTF-8, so that all keys are looked at first
    rows[lines // 2] = rows[3]
    rows[lines // 3] = rows[5].replace("add", "del")
    rows[lines // 4] = rows[7].replace("2027-06-30", "demain")
    return "\n".join(["person;course;group;end;action", *rows, ""])


def peak(path: Path) -> tuple[int, int, list[RefusedLine], tuple[str, ...]]:
    """Bytes at most, lines, what was refused, what was noted."""
    tracemalloc.start()
    try:
        file = open_batchfile(path, wants=Wants.PEOPLE)
        refused, number = [], 0
        for line in file.lines():
            number += 1
            if isinstance(line, RefusedLine):
                refused.append(line)
        return tracemalloc.get_traced_memory()[1], number, refused, file.notes
    finally:
        tracemalloc.stop()


def test_ten_times_the_lines_take_the_same_memory(batch: Callable[..., Path]) -> None:
    peaks = []
    for lines in (SHORT, LONG):
        bytes_, number, refused, notes = peak(batch(people(lines).encode("cp1252"), f"{lines}.csv"))
        peaks.append(bytes_)
        assert number == lines
        assert {(r.line, r.why) for r in refused} == {
            (7, f"contradicts line {lines // 3 + 2}"),
            (lines // 3 + 2, "contradicts line 7"),
            (lines // 4 + 2, "is no date: write 2026-09-01, or 2026-09-01 08:00"),
        }
        assert notes[-1].startswith("lines that say the same as an earlier one: 1 (first: line ")
    # a row of 200,000 takes more than 50 bytes in the file alone: 9 MB
    assert peaks[1] - peaks[0] < 1 << 20, peaks
