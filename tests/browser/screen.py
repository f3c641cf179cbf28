"""Somebody's browser: what he sees, and what would hinder people who use it differently."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Locator, Page, Response

from tests.browser.university import University
from tests.living.web import PASSWORD

PANEL = "Reactive components needs a main DOM element"
"""What Moodle 4.5's panel for developers says now and then when a page is left; the plugin has no such component."""
PHONE = 390
"""Pixels that a phone is wide."""
_FLAWS = """() => {
    const flaws = [], main = document.querySelector('#region-main');
    let before = 1;
    for (const heading of main.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
        const level = Number(heading.tagName[1]);
        if (level > before + 1) flaws.push(`h${level} "${heading.innerText}" after h${before}`);
        before = level;
    }
    for (const field of main.querySelectorAll('.local_greffe input:not([type=hidden])')) {
        if (!field.labels.length && !field.ariaLabel) flaws.push(`no label: ${field.outerHTML}`);
    }
    for (const link of main.querySelectorAll('.local_greffe a, .local_greffe button')) {
        if (!(link.innerText.trim() || link.ariaLabel)) flaws.push(`says nothing: ${link.outerHTML}`);
    }
    for (const table of main.querySelectorAll('.local_greffe table')) {
        if (!table.caption && !table.closest('.chart-area')) flaws.push('a table without caption');
    }
    const ids = [...document.querySelectorAll('[id]')].map(e => e.id).filter(id => id.includes('greffe'));
    if (new Set(ids).size !== ids.length) flaws.push(`ids twice: ${ids}`);
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) flaws.push(`${root.scrollWidth} wide on ${root.clientWidth}`);
    return flaws;
}"""
"""Headings in order, labels, names, captions, unique ids, and nothing that makes the page scroll sideways."""


class Screen:
    """One page of one person."""

    def __init__(
        self, browser: Browser, campus: University, pictures: Path, username: str, width: int, *, script: bool
    ) -> None:
        self.campus, self._pictures = campus, pictures
        key, browsers = (username, script), campus.browsers
        if key not in browsers:
            known = browsers.get((username, True))
            context = browser.new_context(
                java_script_enabled=script, permissions=["clipboard-read", "clipboard-write"],
                storage_state=known.storage_state() if known else None,
            )  # fmt: skip
            if not known:
                self._log_in(context, username)
            browsers[key] = context  # once he is in: another test would go on as nobody
        self.page: Page = browsers[key].new_page()
        self.page.set_viewport_size({"width": width, "height": 844})
        self.page.set_default_timeout(90_000)
        self.errors: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", self._failed)
        self.page.on("dialog", lambda dialog: self.errors.append(f"a dialog: {dialog.message}"))

    def _heard(self, said: ConsoleMessage) -> None:
        """Errors of the site itself: what a Moodle 4.5 fetches from elsewhere (MathJax) may be out of reach."""
        if said.type == "error" and said.location["url"].startswith(self.campus.root):
            self.errors.append(said.text)

    def _failed(self, error: Error) -> None:
        if PANEL not in str(error):
            self.errors.append(str(error))

    def _log_in(self, context: BrowserContext, username: str) -> None:
        """What the form of the login sends, without its page and without the first one after it: those are Moodle's."""
        form = f"{self.campus.root}/login/index.php"
        token = re.search(r'name="logintoken" value="(\w+)"', context.request.get(form).text())
        assert token, "no login form"
        sent: dict[str, str | float | bool] = {
            "username": username,
            "password": PASSWORD,
            "logintoken": token[1],
        }
        answer = context.request.post(form, form=sent)
        assert answer.ok, answer.status
        refusal = re.findall(r'role="alert"[^>]*>\s*([^<]+)', answer.text())
        assert "/login/" not in answer.url, f"{answer.url}: {refusal}"

    def go(self, path: str) -> str:
        """Open a page that must be there, without a flaw; the text of its main part."""
        answer = self.open(path)
        assert answer.status == 200, f"{path}: {answer.status} {self.main}"
        assert self.flaws() == []
        assert not self.errors, self.errors
        return self.main

    def refused(self, path: str) -> None:
        """A page that is not for him: Moodle says so, and shows nothing of it."""
        self.open(path)
        self.errors.clear()  # the status of a refusal is one, to a browser
        shown = self.page.locator(".local_greffe").count()
        said = any(words in self.main for words in ("do not currently have permissions", "Access denied"))
        assert not shown, f"{path} is shown"
        assert said or "/enrol/index.php" in self.page.url, f"{self.page.url}: {self.main}"

    def follow(self, link: Locator) -> str:
        """Click, and wait for the page that it leads to; the text of its main part."""
        with self.page.expect_navigation():
            link.click()
        self._settle()
        assert self.flaws() == []
        return self.main

    def open(self, path: str) -> Response:
        """Any page of the site, whatever is to be said of it."""
        answer = self.page.goto(self.campus.root + path)
        assert answer
        self._settle()
        return answer

    def _settle(self) -> None:
        """Until Moodle's scripts have nothing left to do: who leaves earlier sees errors of theirs."""
        self.page.wait_for_function("!window.M?.util?.pending_js?.length")

    @property
    def main(self) -> str:
        """What stands in the main part of the page."""
        return self.page.locator("#region-main").inner_text()

    def flaws(self) -> list[str]:
        """What would hinder somebody."""
        found: list[str] = self.page.evaluate(_FLAWS)
        return found

    def tab_to(self, selector: str, at_most: int = 80) -> bool:
        """Whether the tabulator key gets there."""
        for _ in range(at_most):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return True
        return False

    def picture(self, name: str) -> None:
        """Keep a picture of the whole page, once its charts stand still."""
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_timeout(1200)
        self._pictures.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self._pictures / f"{name}-{self.campus.site.label}.png", full_page=True)

    def close(self) -> None:
        """End it; it must have seen no error."""
        self.page.close()
        assert not self.errors, self.errors
