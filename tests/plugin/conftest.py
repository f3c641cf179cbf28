"""What the plugin's tests share with those of the judge. Their parameter ``release`` is a version of Moodle that is played on
both databases in every run, where ``version`` would leave half of them to the long ones."""

from __future__ import annotations

from tests.moodle.conftest import moodles, plugged

__all__ = ["moodles", "plugged"]
