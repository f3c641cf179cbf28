"""A site that its leavers are unenrolled from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.nights import NO_GUARDS, Nights
from tests.lab.site import MoodleSite


@pytest.fixture
def nights(moodle_site: MoodleSite, tmp_path: Path) -> Nights:
    """Whoever the extract no longer names is unenrolled, and no guard is in the way."""
    found = Nights(moodle_site, tmp_path)
    found.more = {"guards": NO_GUARDS}
    found.rule("ip", leavers="unenrol", group="{{ td }}")
    return found
