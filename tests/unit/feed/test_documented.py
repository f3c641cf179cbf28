"""The configurations that the documentation shows can be loaded."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from greffe.config import parse

DOCS = Path(__file__).parents[3] / "docs"
PAGES = ("en/feeds.md", "fr/extractions.md")


@pytest.mark.parametrize("page", PAGES)
def test_every_configuration_shown_is_one(page: str) -> None:
    blocks = re.findall(
        r"^```toml\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    assert len(blocks) == 5
    for block in blocks:
        raw = tomllib.loads(block)
        raw["feed"].setdefault("ia", {"csv": "ia.csv"})  # others may require it
        parse({"moodle": {}} | raw, page)


def test_both_languages_show_the_same() -> None:
    shown = [
        re.sub(r"#.*", "", "".join(re.findall(r"^```toml\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)))
        for page in PAGES
    ]  # fmt: skip
    assert shown[0].split() == shown[1].split()
