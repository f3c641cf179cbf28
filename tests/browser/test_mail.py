"""The mail about a held night as a mail program shows it, on a desk and on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.telling.letters import html_of_a_held_night

pytestmark = pytest.mark.browser
PICTURES = Path(__file__).parents[2] / "build" / "screenshots"


@pytest.mark.parametrize("width", [1000, 390, 320])
def test_a_mail_fits_where_it_is_read(browser: Browser, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(html_of_a_held_night("fr"))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").inner_text() == page.title()
    assert page.locator("ol li").count() == 3
    assert not asked  # nothing is fetched: nobody learns that it was read
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"mail-{width}.png", full_page=True)
    page.close()
