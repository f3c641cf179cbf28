"""Both guides have a line for every link at which a chain can break, and for every cause."""

from __future__ import annotations

from pathlib import Path

import pytest

from greffe.view.chain import Cause, Link

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("guide", ["en/why.md", "fr/pourquoi.md"])
def test_every_link_and_cause_is_told(guide: str) -> None:
    text = (DOCS / guide).read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {c.value for c in Cause} == {c.value for c in Cause if any(f"`{c.value}`" in r for r in rows)}
    firsts = {
        cell
        for r in rows
        for cell in r.split("|")[1].replace("(", "").replace(")", "").replace("`", "").split()
    }
    assert {link.value for link in Link} <= firsts
