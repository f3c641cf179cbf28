"""The HTML reports on a desk and on a phone: nothing makes the page scroll sideways, whatever a site calls its courses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser

from greffe.audit.catalogue import audits
from greffe.audit.findings import Moment
from greffe.audit.running import Outcome
from greffe.report import auditpage, html
from greffe.report.audits import AuditReport, in_order
from greffe.report.document import CourseLine
from tests.browser.screen import PHONE
from tests.unit.report.documents import hostile

pytestmark = pytest.mark.browser
LONG = "Introduction_au_droit_privé_et_aux_institutions_juridictionnelles_2026_2027"


def night(path: Path) -> None:
    """A night with trouble, of several methods."""
    lines = [
        CourseLine(
            id=n, name=LONG, method=method, counts={"enrol": 27_935 * n, "assign-role": 4, "suspend": 3}
        )
        for n, method in enumerate(("database", "cohort", "meta"), 1)
    ]
    counts = {"enrol": 167_610, "assign-role": 12, "suspend": 9}
    html.write([msgspec.structs.replace(hostile(), courses=lines, counts=counts)], path)


def audit(path: Path) -> None:
    """Everything is found, and one thing cannot be told."""
    first, *others = audits("postgresql")
    row = {
        "enrolid": 9_876_543,
        "courseid": 1,
        "shortname": LONG,
        "component": "enrol_database",
        "userid": 123_456_789,
    }
    found = [Outcome(audit=a, amount=4711, examples=[row] * 3, seconds=1.5) for a in others[:30]]
    quiet = [Outcome(audit=a) for a in others[30:]]
    history = [Moment(made=86400 * n, counts={"error": n, "info": 5}) for n in range(1, 40)]
    failed = Outcome(audit=first, error=f"it took longer than 60 s on {LONG}")
    report = AuditReport(
        site=f"mariadb://db/{LONG}/mdl_", made=1, audits=in_order([failed, *found, *quiet]), history=history
    )
    auditpage.write(report, path)


@pytest.mark.parametrize("write", [night, audit])
def test_nothing_scrolls_sideways(browser: Browser, tmp_path: Path, write: Callable[[Path], None]) -> None:
    write(tmp_path / "report.html")
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    try:
        page.goto((tmp_path / "report.html").as_uri())
        for width in (1200, PHONE):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") == width
        for details in page.locator("details").all():
            details.locator("summary").first.click()
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE, "opened too"
        assert said == []
    finally:
        page.close()
