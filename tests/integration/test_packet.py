"""A small packet and large transactions: no statement becomes longer than the server takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from greffe.commands.undo import undo
from greffe.errors import Exit
from tests.integration.nights import NO_GUARDS, Nights
from tests.lab.server import Server
from tests.lab.site import MoodleSite, fresh_site

PEOPLE = 15_000
PACKET = 64 * 1024


@pytest.fixture
def site(mariadb_server: Server) -> Iterator[MoodleSite]:
    """A site on MariaDB, to whose new connections the server grants a small packet."""
    with fresh_site(mariadb_server, "") as site:
        site.add_course("AMPHI", idnumber="AMPHI")
        site.add_users([{"username": f"u{n}", "idnumber": f"u{n}"} for n in range(PEOPLE)])
        before = site.fetch("SELECT @@GLOBAL.max_allowed_packet AS packet")[0]["packet"]
        site.execute(f"SET GLOBAL max_allowed_packet = {PACKET}")
        try:
            yield site
        finally:
            site.execute(f"SET GLOBAL max_allowed_packet = {before}")


def test_a_transaction_of_any_size_fits_into_the_packet(site: MoodleSite, tmp_path: Path) -> None:
    nights = Nights(site, tmp_path)
    nights.rule("ip", leavers="suspend-no-roles")
    nights.more = {"moodle": {"transaction_rows": 1_000_000}, "guards": NO_GUARDS}
    nights.feed("ip", "who;course", [f"u{n};AMPHI" for n in range(PEOPLE)], shrink="none")
    assert nights.night().exit is Exit.DONE
    nights.feed("ip", "who;course", ["u0;AMPHI"])
    result = nights.night()
    assert result.exit is Exit.DONE
    assert result.counts == {"suspend": PEOPLE - 1, "remove-role": PEOPLE - 1}


@pytest.mark.parametrize("long", ['"' * 30_000, "x" * 70_000])
def test_a_grade_that_no_statement_can_hold_is_refused_and_the_rest_goes_on(
    site: MoodleSite, tmp_path: Path, long: str
) -> None:
    nights = Nights(site, tmp_path)
    nights.rule("ip", leavers="unenrol", purge={"with_grades": True})
    nights.more = {"guards": NO_GUARDS}
    nights.feed("ip", "who;course", [f"u{n};AMPHI" for n in range(5)], shrink="none")
    nights.night()
    course = site.fetch("SELECT id FROM {course} WHERE shortname = 'AMPHI'")[0]["id"]
    ids = [site.fetch("SELECT id FROM {user} WHERE username = %s", f"u{n}")[0]["id"] for n in (1, 2)]
    item = site.insert("grade_items", courseid=course, itemtype="mod")
    site.execute(f"SET GLOBAL max_allowed_packet = {PACKET * 64}")  # as it was when they were given
    for user, text in zip(ids, (long, "x" * 55_000), strict=True):
        site.insert("grade_grades", itemid=item, userid=user, rawgrade=12, feedback=text)
    site.execute(f"SET GLOBAL max_allowed_packet = {PACKET}")
    nights.feed("ip", "who;course", ["u0;AMPHI"])

    result = nights.night()

    assert result.exit is Exit.REFUSED
    assert [(r.course, r.action, r.users) for r in result.refused] == [("AMPHI", "unenrol", [ids[0]])]
    assert "max_allowed_packet" in result.refused[0].reason
    assert (result.counts["unenrol"], result.counts["delete-grade"]) == (3, 1)
    assert set(nights.enrolments()) == {("AMPHI", "u0"), ("AMPHI", "u1")}
    assert undo(nights.config(), result.run).refused == []
