"""A machine that `greffe setup` has made ready, and what systemd does there with each end of a night."""

from __future__ import annotations

import time

import pytest

from tests.deployment.conftest import Machine, configuration, secret
from tests.deployment.guide import documented, from_wheels
from tests.deployment.units import FAILED, NIGHT, another_night, criticals, drop_in, log, properties, until
from tests.lab.site import MoodleSite
from tests.lab.toml import PASSWORD

pytestmark = pytest.mark.long

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

_MAIL = """
[mail]
server = "192.0.2.1"  # kept for examples: nothing answers there
security = "none"
timeout = 2
sender = "Greffe <greffe@example.org>"
to = ["team@example.org"]
"""


def test_installed_set_up_and_run(machine: Machine, moodle_site: MoodleSite) -> None:
    moodle_site.add_course("LAW1", idnumber="LAW1")
    moodle_site.add_user("u1", idnumber="1")
    install(machine)
    fill_in(machine, moodle_site)
    for words in ("doctor", "plan"):
        asked = documented("sudo -u greffe greffe", words).replace(
            "sudo -u", f"sudo --preserve-env={PASSWORD} -u"
        )
        looked = machine.type(f"set -a; . /etc/greffe/ecampus.env; {asked}", check=False)
        assert looked.returncode == (0 if words == "doctor" else 3), looked.stdout + looked.stderr
    start = machine.run("systemctl", "start", NIGHT, check=False)
    assert start.returncode == 0, log(machine)
    assert properties(machine, "Result", "ExecMainStatus") == ["success", "0"]
    assert moodle_site.fetch("SELECT status FROM {user_enrolments}") == [{"status": 0}]
    reports = machine.run("ls", "-l", "/var/lib/greffe/ecampus/reports").stdout
    assert "-rw------- 1 greffe greffe" in reports
    catches_up(machine)
    a_bad_feed_fails_at_once(machine)
    a_mail_that_cannot_leave_changes_nothing(machine)
    a_lost_database_is_tried_again(machine, moodle_site)


def install(machine: Machine) -> None:
    """As the guide says, from wheels."""
    machine.type(documented("apt "))
    machine.type(from_wheels())
    looks, does = documented("greffe setup ecampus"), documented("greffe setup ecampus", "--yes")
    assert machine.type(looks, check=False).returncode == 3
    assert machine.run("id", "greffe", check=False).returncode == 1
    machine.run("mkdir", "-p", "/var/www/moodle")
    machine.write("/var/www/moodle/config.php", "<?php $CFG->dbtype = 'pgsql'; $CFG->prefix = 'mdl_';\n")
    assert "systemctl enable --now greffe@ecampus.timer" in machine.type(does).stdout
    assert ": made" not in machine.type(does).stdout
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
    drop_in(machine, "greffe@ecampus.timer", "at-once", "[Timer]\nRandomizedDelaySec=0\nAccuracySec=1s\n")
    machine.run("mkdir", "-p", "/var/lib/systemd/timers")
    machine.run("touch", "-d", "3 days ago", "/var/lib/systemd/timers/stamp-greffe@ecampus.timer")
    before = properties(machine, "InvocationID")
    machine.type(documented("systemctl enable"))
    until(lambda: another_night(machine, before))
    assert properties(machine, "Result") == ["success"]
    assert "greffe@ecampus.timer" in machine.run("systemctl", "list-timers", "--all", "--no-pager").stdout


def a_bad_feed_fails_at_once(machine: Machine) -> None:
    machine.write("/srv/ip.csv", "course;who\n")
    assert machine.run("systemctl", "start", NIGHT, check=False).returncode == 1
    assert properties(machine, "ActiveState", "ExecMainStatus") == ["failed", "5"]
    until(lambda: "the night of ecampus has failed" in criticals(machine))
    machine.write("/srv/ip.csv", "course;who\nLAW1;1\n")
    machine.run("systemctl", "reset-failed", NIGHT)


def a_mail_that_cannot_leave_changes_nothing(machine: Machine) -> None:
    """Neither how the night ends nor what the journal is told; and nobody waits long for a network that is not there."""
    file = "/etc/greffe/ecampus.toml"
    before, told = machine.run("cat", file).stdout, criticals(machine)
    machine.write(file, before + _MAIL)
    machine.write("/srv/ip.csv", "course;who\n")
    began = time.monotonic()
    assert machine.run("systemctl", "start", NIGHT, check=False).returncode == 1
    assert properties(machine, "ActiveState", "ExecMainStatus") == ["failed", "5"]
    until(lambda: criticals(machine) != told)
    until(lambda: properties(machine, "ActiveState", unit=FAILED) == ["inactive"])
    assert "no mail was sent" in log(machine)
    assert properties(machine, "Result", unit=FAILED) == ["success"]
    assert time.monotonic() - began < 30
    machine.write(file, before)
    machine.write("/srv/ip.csv", "course;who\nLAW1;1\n")
    machine.run("systemctl", "reset-failed", NIGHT)


def a_lost_database_is_tried_again(machine: Machine, site: MoodleSite) -> None:
    """Nobody is told before the last try."""
    told = criticals(machine)
    drop_in(machine, NIGHT, "soon", "[Service]\nRestartSec=1s\n[Unit]\nStartLimitBurst=3\n")
    machine.write("/etc/greffe/ecampus.env", f"{PASSWORD}='wrong'\n")
    machine.run("systemctl", "start", "--no-block", NIGHT)
    until(lambda: criticals(machine) != told)
    assert properties(machine, "ActiveState") == ["failed"]
    assert log(machine).count("status=7") == 3
    machine.write("/etc/greffe/ecampus.env", secret(site))
    machine.run("systemctl", "reset-failed", NIGHT)
    machine.run("systemctl", "start", NIGHT)
