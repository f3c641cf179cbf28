"""Forty people, and a rule that makes cohorts of their promotions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.cohorts.promotions import deliver
from tests.integration.nights import Nights
from tests.lab.site import MoodleSite


@pytest.fixture
def forty(moodle_site: MoodleSite, tmp_path: Path) -> Nights:
    """A site of ``u01`` to ``u40``, before anything is delivered."""
    for number in range(1, 41):
        moodle_site.add_user(f"u{number:02}", idnumber=f"u{number:02}")
    nights = Nights(moodle_site, tmp_path)
    nights.cohort("ia")
    return nights


@pytest.fixture
def nights(forty: Nights) -> Nights:
    """Two promotions of ten on it."""
    deliver(forty, {"L1": range(1, 11), "L2": range(11, 21)})
    return forty
