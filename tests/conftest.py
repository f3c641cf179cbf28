"""Every test can use the lab's servers and sites."""

from __future__ import annotations

pytest_plugins = ["tests.lab.plugin", "pytester"]
