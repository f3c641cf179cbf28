"""A site with no course yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.nights import Nights
from tests.integration.participants.roster import Roster
from tests.lab.site import MoodleSite


@pytest.fixture
def roster(moodle_site: MoodleSite, tmp_path: Path) -> Roster:
    return Roster(Nights(moodle_site, tmp_path))
