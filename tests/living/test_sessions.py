"""Somebody whose session was loaded just before a commit has the new rights on the next page."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from greffe.apply import execute, flags
from greffe.apply.ledger import Ledger
from greffe.errors import Exit
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite
from tests.living.people import known
from tests.living.web import Page, Visitor, served
from tests.moodle.measure import populate
from tests.moodle.site import Sites

WHO = "p0000001"


def before_each_commit(patch: pytest.MonkeyPatch, event: Callable[[], object]) -> None:
    """The rows of a transaction are written and nobody sees them yet: now it happens."""
    write = Ledger.write

    def and_then(self: Ledger, *arguments: Any) -> None:
        write(self, *arguments)
        event()

    patch.setattr(Ledger, "write", and_then)


@pytest.mark.moodle
@pytest.mark.parametrize("version", ["4.5", pytest.param("5.1", marks=pytest.mark.long)])
@pytest.mark.parametrize("longer", [False, True], ids=["within its limit", "longer than its limit"])
def test_the_next_page_has_the_new_rights(
    version: str, longer: bool, moodles: Sites, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A teacher is made of a student, then a student of the teacher; the session is loaded while the rows wait for
    their COMMIT. A flag reaches ahead by three times the limit: shortened here, it lies behind at the commit."""
    if longer:
        monkeypatch.setattr(execute, "TRANSACTION_LIMIT", 1)
        monkeypatch.setattr(flags, "TRANSACTION_LIMIT", 1)
        monkeypatch.setattr(flags, "_AHEAD", 3)
    site = moodles(version)
    site.reset({"dbtype": ""})  # else Moodle's own sync at a login would unenrol whom its table does not name
    site.debugging = False
    with site.database() as db:
        populate(db, 10, 1)
        known(db)
        (course,) = db.query("SELECT id FROM mdl_course WHERE idnumber = 'C00001'")[0]
    nights = Nights(MoodleSite(site.server, site.name), tmp_path)
    nights.rule("ip", role="{{ role }}")
    with served(site) as root:
        visitor = Visitor(root)
        nights.feed("ip", "who;course;role", ["P0000001;C00001;student"], shrink="none")
        assert nights.night().exit is Exit.DONE
        visitor.log_in(WHO)
        assert not may_edit(edit(visitor, course))

        def load() -> None:
            time.sleep(7 if longer else 3)
            seen.append(may_edit(edit(visitor, course)))

        before_each_commit(monkeypatch, load)
        for role, may in (("editingteacher", True), ("student", False)):
            seen: list[bool] = []
            nights.feed("ip", "who;course;role", [f"P0000001;C00001;{role}"])
            assert nights.night().exit is Exit.DONE
            assert seen == [not may]
            assert may_edit(edit(visitor, course)) is may


def edit(visitor: Visitor, course: int) -> Page:
    """The settings of the course, which students may not see."""
    return visitor.get(f"/course/edit.php?id={course}")


def may_edit(page: Page) -> bool:
    """Whether it is the form; the word of refusal is the only other thing that it may be."""
    form = 'name="fullname"' in page.text
    assert form or "nopermission" in page.text or "do not currently have permissions" in page.text, page.title
    return form
