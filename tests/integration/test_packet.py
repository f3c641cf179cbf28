"""A small packet and large transactions: no statement becomes longer than the server takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from greffe.errors import Exit
from tests.faults.campus import UNLIMITED
from tests.integration.nights import Nights
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
    nights.more = {"moodle": {"transaction_rows": 1_000_000}, "guards": UNLIMITED}
    nights.feed("ip", "who;course", [f"u{n};AMPHI" for n in range(PEOPLE)], shrink="none")
    assert nights.night().exit is Exit.DONE
    nights.feed("ip", "who;course", ["u0;AMPHI"])
    result = nights.night()
    assert result.exit is Exit.DONE
    assert result.counts == {"suspend": PEOPLE - 1, "remove-role": PEOPLE - 1}
