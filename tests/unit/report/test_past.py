"""What changed, on terminals of several widths."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from greffe.report.past import Past, PastLine, show


def shown(width: int, *people: str) -> list[str]:
    """The lines."""
    changes = [
        PastLine(
            id=700 + n, made=1_790_000_000, run=3, kind="nightly", operator="greffe", course="", cohort="L1DRT-2026", person=person,
            action="join-cohort", reason="registered", feed="ia", line=11, was="not a member", now="member",
        )
        for n, person in enumerate(people)
    ]  # fmt: skip
    out = io.StringIO()
    show(
        Console(file=out, width=width, no_color=True),
        Past(of="cohort L1DRT-2026", changes=changes, more=False),
    )
    return [line.rstrip() for line in out.getvalue().splitlines()]


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_no_date_and_no_word_is_broken(width: int) -> None:
    lines = shown(width, "22012305", "22012306")
    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    assert all(word in text for word in ("2026-09-21 ", "join cohort", "22012305", "22012306"))
    assert ("registered, ia:11" in text) is (width >= 80)
    assert ("No room here for" in text) is (width < 200)


def test_whom_all_lines_are_about_is_left_out_first() -> None:
    text = "\n".join(shown(80, "22012305", "22012305"))
    assert "22012305" not in text
    assert "not a member → member" in text
