"""A database for what a student information system holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.feed.sis import Sis
from tests.lab.server import Server
from tests.lab.site import database


@pytest.fixture
def sis(server: Server, tmp_path: Path) -> Iterator[Sis]:
    password_file = tmp_path / "password"
    password_file.write_text(server.password or "no-password-is-asked-for-here")
    with database(server) as dbname:
        yield Sis(server, dbname, password_file)
