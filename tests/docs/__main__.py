"""``ci/docs``: writes the pages that come from the code."""

from __future__ import annotations

from tests.docs.pages import ROOT
from tests.docs.written import PAGES

for name, make in PAGES.items():
    file = ROOT / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(make(), encoding="utf-8")
