"""From a clean Debian to a scheduled night: pipx, `greffe setup`, systemd; and what systemd does with each end of a night."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.deployment.conftest import Machine, configuration, secret
from tests.lab.site import MoodleSite

pytestmark = pytest.mark.long
GUIDE = Path(__file__).parents[2] / "docs" / "fr" / "installation.md"

_RULE = """
[feed.ip]
csv = "/srv/ip.csv"
person = "who"
unknown_people = "none"

[[course]]
feed = "ip"
course = "{{ course }}"
role = "student"
"""


def test_installed_set_up_and_run(machine: Machine, moodle_site: MoodleSite) -> None:
    moodle_site.add_course("LAW1", idnumber="LAW1")
    moodle_site.add_user("u1", idnumber="1")
    install(machine)
    fill_in(machine, moodle_site)
    for words in ("doctor", "plan"):
        asked = documented("sudo -u greffe greffe", words).replace("sudo -u greffe", "runuser -u greffe --")
        looked = machine.run("sh", "-c", f"set -a; . /etc/greffe/ecampus.env; {asked}", check=False)
        assert looked.returncode == (0 if words == "doctor" else 3), looked.stdout + looked.stderr
    start = machine.run("systemctl", "start", "greffe@ecampus.service", check=False)
    log = machine.run("journalctl", "-u", "greffe@ecampus", "-o", "cat", "--no-pager").stdout
    assert start.returncode == 0, log
    assert shown(machine, "Result", "ExecMainStatus") == ["success", "0"]
    assert moodle_site.fetch("SELECT status FROM {user_enrolments}") == [{"status": 0}]
    reports = machine.run("ls", "-l", "/var/lib/greffe/ecampus/reports").stdout
    assert "-rw------- 1 greffe greffe" in reports
    catches_up(machine)
    a_bad_feed_fails_at_once(machine)
    a_lost_database_is_tried_again(machine, moodle_site)


def documented(begins: str, holds: str = "") -> str:
    """The command of the French guide that begins so and holds this, without what stands behind it."""
    lines = (line.partition("    #")[0].strip() for line in GUIDE.read_text(encoding="utf-8").splitlines())
    return next(line for line in lines if line.startswith(begins) and holds in line)


def install(machine: Machine) -> None:
    """As the guide says, from wheels."""
    machine.run("sh", "-c", documented("PIPX_HOME=", "--no-index").replace("RÉPERTOIRE", "/wheels"))
    looks, does = documented("greffe setup ecampus"), documented("greffe setup ecampus", "--yes")
    assert machine.run("sh", "-c", looks, check=False).returncode == 3
    assert machine.run("id", "greffe", check=False).returncode == 1
    machine.run("mkdir", "-p", "/var/www/moodle")
    machine.write("/var/www/moodle/config.php", "<?php $CFG->dbtype = 'pgsql'; $CFG->prefix = 'mdl_';\n")
    assert "systemctl enable --now greffe@ecampus.timer" in machine.run("sh", "-c", does).stdout
    assert ": made" not in machine.run("sh", "-c", does).stdout
    assert "Keep who belongs" in machine.run("man", "greffe").stdout
    assert not machine.run("man", "--warnings", "greffe").stderr
    machine.run("systemd-analyze", "verify", "/etc/systemd/system/greffe@ecampus.timer")


def fill_in(machine: Machine, site: MoodleSite) -> None:
    reports = '\n[run]\nreports = "/var/lib/greffe/ecampus/reports"\n'
    machine.write("/srv/ip.csv", "course;who\nLAW1;1\n")
    machine.write("/etc/greffe/ecampus.toml", configuration(site, _RULE + reports))
    machine.write("/etc/greffe/ecampus.env", secret(site))
    assert "640 root greffe" in machine.run("stat", "-c", "%a %U %G", "/etc/greffe/ecampus.toml").stdout


def catches_up(machine: Machine) -> None:
    """A night that was missed is run once the timer is back."""
    machine.run("mkdir", "-p", "/etc/systemd/system/greffe@ecampus.timer.d")
    at_once = "[Timer]\nRandomizedDelaySec=0\nAccuracySec=1s\n"
    machine.write("/etc/systemd/system/greffe@ecampus.timer.d/at-once.conf", at_once)
    machine.run("systemctl", "daemon-reload")
    machine.run("mkdir", "-p", "/var/lib/systemd/timers")
    machine.run("touch", "-d", "3 days ago", "/var/lib/systemd/timers/stamp-greffe@ecampus.timer")
    before = shown(machine, "InvocationID")
    machine.run("sh", "-c", documented("systemctl enable"))
    until(lambda: shown(machine, "InvocationID") != before and shown(machine, "ActiveState") == ["inactive"])
    assert shown(machine, "Result") == ["success"]
    assert "greffe@ecampus.timer" in machine.run("systemctl", "list-timers", "--all", "--no-pager").stdout


def a_bad_feed_fails_at_once(machine: Machine) -> None:
    machine.write("/srv/ip.csv", "course;who\n")
    assert machine.run("systemctl", "start", "greffe@ecampus.service", check=False).returncode == 1
    assert shown(machine, "ActiveState", "ExecMainStatus") == ["failed", "5"]
    until(
        lambda: (
            "the night of ecampus has failed" in machine.run("journalctl", "-p", "crit", "-o", "cat").stdout
        )
    )
    machine.write("/srv/ip.csv", "course;who\nLAW1;1\n")
    machine.run("systemctl", "reset-failed", "greffe@ecampus.service")


def a_lost_database_is_tried_again(machine: Machine, site: MoodleSite) -> None:
    """Nobody is told before the last try."""
    told = machine.run("journalctl", "-p", "crit", "-o", "cat").stdout
    machine.run("mkdir", "-p", "/etc/systemd/system/greffe@ecampus.service.d")
    soon = "[Service]\nRestartSec=1s\n[Unit]\nStartLimitBurst=3\n"
    machine.write("/etc/systemd/system/greffe@ecampus.service.d/soon.conf", soon)
    machine.write("/etc/greffe/ecampus.env", "GREFFE_MOODLE_PASSWORD='wrong'\n")
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "start", "--no-block", "greffe@ecampus.service")
    until(lambda: machine.run("journalctl", "-p", "crit", "-o", "cat").stdout != told)
    assert shown(machine, "ActiveState") == ["failed"]
    said = machine.run("journalctl", "-u", "greffe@ecampus", "-o", "cat", "--no-pager").stdout
    assert said.count("status=7") == 3
    machine.write("/etc/greffe/ecampus.env", secret(site))
    machine.run("systemctl", "reset-failed", "greffe@ecampus.service")
    machine.run("systemctl", "start", "greffe@ecampus.service")


def shown(machine: Machine, *properties: str) -> list[str]:
    """What systemd knows of the night's unit."""
    words = [f"--property={p}" for p in properties]
    lines = machine.run("systemctl", "show", "greffe@ecampus.service", *words).stdout.splitlines()
    found = dict(line.split("=", 1) for line in lines)
    return [found[p] for p in properties]


def until(happened: object, seconds: float = 60) -> None:
    """Wait for something that systemd does by itself."""
    assert callable(happened)
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.5)
