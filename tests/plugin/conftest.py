"""What the plugin's tests share with those of the judge. A parameter ``version`` is a version of Moodle that a usual run plays on
one of the databases, as there; a parameter ``release`` is one that every run plays on both."""

from __future__ import annotations

from tests.moodle.conftest import moodles, plugged, pytest_itemcollected

__all__ = ["moodles", "plugged", "pytest_itemcollected"]
