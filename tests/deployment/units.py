"""What systemd knows of the night of the site ``ecampus``, and waiting for it."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.deployment.conftest import Machine

NIGHT = "greffe@ecampus.service"
FAILED = "greffe-failed@ecampus.service"


def properties(machine: Machine, *names: str, unit: str = NIGHT) -> list[str]:
    """What systemd says of a unit."""
    lines = machine.run("systemctl", "show", unit, *(f"--property={n}" for n in names)).stdout.splitlines()
    found = dict(line.split("=", 1) for line in lines)
    return [found[n] for n in names]


def drop_in(machine: Machine, unit: str, name: str, text: str) -> None:
    """What ``systemctl edit`` leaves behind."""
    machine.run("mkdir", "-p", f"/etc/systemd/system/{unit}.d")
    machine.write(f"/etc/systemd/system/{unit}.d/{name}.conf", text)
    machine.run("systemctl", "daemon-reload")


def log(machine: Machine) -> str:
    """What the nights have said."""
    return machine.run("journalctl", "-u", NIGHT, "-o", "cat", "--no-pager").stdout


def criticals(machine: Machine) -> str:
    """What no filter of the journal leaves out."""
    return machine.run("journalctl", "-p", "crit", "-o", "cat", "--no-pager").stdout


def another_night(machine: Machine, before: list[str]) -> bool:
    """Whether a night has ended since ``before``, its InvocationID."""
    now = properties(machine, "InvocationID", "ActiveState")
    return now[:1] != before and now[1] in ("inactive", "failed")


def until(happened: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something that systemd does by itself."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.5)
