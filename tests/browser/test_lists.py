"""A list as a page, in a browser that is off the net: read, sorted and printed as by whoever gets it by mail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from greffe.report.lists import write
from tests.browser.screen import PHONE
from tests.unit.report.listed import AWKWARD, awkward, promotion

DESKTOP = 1280
_PEOPLE = 120
_COLUMN = "n => [...document.querySelectorAll(`tbody td:nth-child(${n})`)].map(cell => cell.textContent)"
_SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Reader:
    """A page, and what it asked for or complained of."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda said: self.errors.append(said.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("dialog", lambda dialog: self.errors.append(dialog.message))

    def open(self, file: Path) -> None:
        """The file itself, and nothing else."""
        self.page.goto(file.as_uri())
        assert self.asked == [file.as_uri()]
        assert self.errors == []

    def column(self, number: int) -> list[str]:
        """The cells of one, from the top."""
        return list(self.page.evaluate(_COLUMN, number))


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def reader(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Reader]:
    """Somebody without a net, at a desk or on the way."""
    context = browser.new_context(
        offline=True, viewport={"width": request.param, "height": 844}, locale="fr-FR"
    )
    found = Reader(context.new_page())
    yield found
    context.close()
    assert found.errors == []


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The promotion's list and the awkward one."""
    here = tmp_path_factory.mktemp("pages")
    write(promotion(_PEOPLE), here / "promotion.html", "fr")
    write(awkward(), here / "awkward.html", "en")
    return here


def test_a_click_or_a_key_sorts_as_people_of_that_language_do(reader: Reader, pages: Path, pytestconfig: pytest.Config) -> None:  # fmt: skip
    reader.open(pages / "promotion.html")
    page = reader.page
    assert len(reader.column(1)) == _PEOPLE
    assert page.evaluate(_SIDEWAYS) <= 0
    page.click("thead button:text-is('Nom')")
    names = list(dict.fromkeys(reader.column(1)))
    assert names == ["Abadie", "Bélanger", "Çelik", "Da Silva", "Durand", "Élie", "Etchegaray", "Fournier", "Le Goff", "Lefèvre",
                     "N’Diaye", "Œuvrard", "Ruiz-Martín", "Zola"]  # fmt: skip
    assert page.locator("th[aria-sort=ascending]").inner_text().startswith("Nom")
    assert page.locator("#sorted").inner_text() == "Trié par Nom, ordre croissant"
    pictures = Path(str(pytestconfig.rootpath)) / "build" / "screenshots"
    pictures.mkdir(parents=True, exist_ok=True)
    width = page.viewport_size["width"] if page.viewport_size else 0
    page.screenshot(path=pictures / f"list-{width}.png")

    page.keyboard.press("Enter")  # the button is still in focus
    assert [*dict.fromkeys(reader.column(1))] == names[::-1]
    page.locator("thead button:text-is('Prénom')").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "N° d’identification"
    page.keyboard.press("Space")
    assert reader.column(3) == sorted(reader.column(3))
    page.click("thead button:text-is('Dernier accès au cours')")
    assert reader.column(6)[:14] == ["jamais"] * 14  # the longest ago of all
    days = [d for d in reader.column(6) if d != "jamais"]
    assert days == sorted(days, key=lambda d: (d[6:10], d[3:5], d[:2], d[11:]))
    page.click("thead button:text-is('Fin')")
    assert reader.column(9)[-1] == ""
    page.keyboard.press("Enter")
    assert reader.column(9)[-1] == ""  # what says nothing comes last, either way


def test_what_would_harm_is_shown_as_it_is(reader: Reader, pages: Path) -> None:
    reader.open(pages / "awkward.html")
    assert reader.column(1)[:2] == ["Évrard-Ñuñez", "=cmd|' /C calc'!A0"]
    assert len(reader.column(1)) == len(AWKWARD)
    assert reader.page.evaluate(_SIDEWAYS) <= 0
    reader.page.click("thead button:text-is('Last name')")
    assert reader.page.locator("script").count() == 1


def test_without_its_script_the_page_is_whole(browser: Browser, pages: Path) -> None:
    context = browser.new_context(
        java_script_enabled=False, offline=True, viewport={"width": PHONE, "height": 844}
    )
    page = context.new_page()
    page.goto((pages / "promotion.html").as_uri())
    assert page.locator("tbody tr").count() == _PEOPLE
    assert page.locator("button").count() == 0
    assert page.locator("tbody tr").last.is_visible()
    context.close()


def test_on_paper_each_page_begins_with_the_headings(browser: Browser, pages: Path, tmp_path: Path) -> None:
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto((pages / "promotion.html").as_uri())
    page.emulate_media(media="print")
    shown = page.evaluate(
        "() => ['thead', 'tbody', 'td:nth-child(2)'].map(s => getComputedStyle(document.querySelector(s)).display)"
    )
    assert shown == ["table-header-group", "table-row-group", "table-cell"]
    assert page.evaluate("() => getComputedStyle(document.querySelector('.scroll')).overflow") == "visible"
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    context.close()
