"""The container image: small, without rights, and able to say how it is."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from greffe import __version__
from tests.deployment.conftest import configuration
from tests.lab.container import client
from tests.lab.site import MoodleSite
from tests.lab.toml import PASSWORD

pytestmark = pytest.mark.long
_MOST = 260_000_000
"""Bytes, of which Debian itself is half."""


def started(
    image: str, *words: str, site: MoodleSite | None = None, config: Path | None = None
) -> subprocess.CompletedProcess[str]:
    options = ["--network=host", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"]
    if site is not None and config is not None:
        options += ["-e", f"{PASSWORD}={site.password}", "-v", f"{config}:/etc/greffe/greffe.toml:ro"]
    words = ("docker", "run", "--rm", *options, image, *words)
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_small_and_without_rights(image: str) -> None:
    with client() as docker:
        found = docker.images.get(image).attrs
    assert found["Size"] < _MOST
    assert found["Config"]["User"] == "greffe"
    assert found["Config"]["Healthcheck"]["Test"] == ["CMD-SHELL", "greffe health; test $? -le 1"]
    assert started(image, "--version").stdout == f"greffe {__version__}\n"


def test_a_night_and_its_health(image: str, moodle_site: MoodleSite, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    config, feed = tmp_path / "greffe.toml", tmp_path / "ip.csv"
    config.write_text(configuration(moodle_site))
    config.chmod(0o644)
    feed.write_text("course;who\n")
    doctor = started(image, "doctor", site=moodle_site, config=config)
    assert doctor.returncode == 0, doctor.stdout + doctor.stderr
    assert started(image, "nightly", site=moodle_site, config=config).returncode == 0
    health = started(image, "health", site=moodle_site, config=config)
    assert health.stdout.startswith("GREFFE OK"), health.stdout
    backup = started(image, "backup", "/nowhere/x", site=moodle_site, config=config)
    assert backup.returncode == 2
    assert "cannot be written" in backup.stderr
