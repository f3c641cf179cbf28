"""``greffe setup``: makes a machine ready for the nights of one site, and schedules none of them yet."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import msgspec

from greffe.commands.init import init
from greffe.errors import ArgumentError
from greffe.moodle import configphp
from greffe.setup import layout
from greffe.setup.layout import ACCOUNT, Directory, File
from greffe.setup.machine import Machine
from greffe.setup.written import State, beside

_SITE = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_PLAIN = re.compile(r"[\w/.+@-]+")
_CLOSED = ("/root", "/home", "/run/user")
_ELSEWHERE = (
    "Install it where every account reads: PIPX_HOME=/opt/pipx PIPX_BIN_DIR=/usr/local/bin pipx install ./greffe-….whl; or name "
    "such a one with --program."
)


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the machine needs."""

    kind: str
    """account, directory, file."""
    path: str
    state: State


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, or would be."""

    site: str
    items: list[Item]
    done: bool
    next: list[str]
    """What is to be done now, in order."""

    @property
    def pending(self) -> bool:
        """Whether anything is left to do."""
        return not self.done and any(i.state is not State.KEEP for i in self.items)


def setup(
    site: str, program: Path, helpers: Mapping[str, str], *, config_php: Path | None = None, cron: bool = False,
    root: Path | None = None, yes: bool = False,
) -> Setup:  # fmt: skip
    """Make what one site needs on this machine; without ``yes`` only say what. Done twice it changes nothing.

    ``program`` is what the timer runs, ``helpers`` are texts by their paths below /usr/local/share, ``config_php`` is Moodle's,
    ``root`` stands for the machine's root, ``cron``: a line of cron in place of systemd's units. A file that somebody has edited
    is never replaced: what would be written goes beside it, as ``NAME.new``.

    Raises ArgumentError where the name cannot be a site's, where the account could not run the program, and with ``yes``
    without root's rights; ConfigError where ``config_php`` cannot be read.
    """
    machine = Machine(root or Path("/"))
    if not _SITE.fullmatch(site):
        raise ArgumentError(
            f"{site!r} cannot be the name of a site: up to 32 small letters, digits, - and _",
            todo="Give it a short name; it becomes /etc/greffe/NAME.toml and greffe@NAME.timer.",
        )
    if yes and os.geteuid() != 0:
        raise ArgumentError(
            "only root may set a machine up",
            todo="Run the same command with sudo; without --yes it only says what would be done.",
        )
    _refuse_unreachable(program)
    if config_php is not None and not machine.at(layout.configuration(site)).exists():
        configphp.read(config_php)  # before anything is made: what cannot be read stops all of it
    things: list[Directory | File] = [
        *layout.directories(site),
        layout.secrets(site),
        *layout.scheduled(site, str(program), cron=cron),
        *layout.helpers(helpers),
    ]
    try:
        items = [_account(machine, yes=yes), *_files(machine, site, config_php, things, yes=yes)]
    except OSError as e:
        raise ArgumentError(
            f"{e.filename}: {e.strerror}", todo="Mend that, then run the same command again: it goes on."
        ) from e
    if yes and root is None and not cron:
        _reload()
    return Setup(site=site, items=items, done=yes, next=_next(site, cron=cron))


def _account(machine: Machine, *, yes: bool) -> Item:
    state = State.KEEP if machine.account() else State.MAKE
    if yes and state is State.MAKE:
        machine.make_account()
    return Item(kind="account", path=ACCOUNT, state=state)


def _files(
    machine: Machine, site: str, config_php: Path | None, things: list[Directory | File], *, yes: bool
) -> list[Item]:  # fmt: skip
    items = []
    for thing in things:
        state = machine.state(thing)
        if yes:
            machine.make(thing, state)
        path = machine.at(thing.path)
        told = beside(path) if state is State.BESIDE else path
        items.append(Item(kind=type(thing).__name__.lower(), path=str(told), state=state))
    config = machine.at(layout.configuration(site))
    state = State.KEEP if config.exists() else State.MAKE
    if yes and state is State.MAKE:
        init(config, config_php, reports=f"/var/lib/greffe/{site}/reports")
        machine.give(config, 0o640, own=False)
    return [*items, Item(kind="file", path=str(config), state=state)]


def _refuse_unreachable(program: Path) -> None:
    """What lies in somebody's home cannot be run by another account, and the unit closes homes altogether."""
    if not _PLAIN.fullmatch(str(program)):
        raise ArgumentError(
            f"{program} cannot stand in a unit or in a line of cron: letters, digits and / . _ + @ - can",
            todo=_ELSEWHERE,
        )
    if not program.is_absolute() or not os.access(program, os.X_OK):
        raise ArgumentError(f"{program} is no program with its whole path", todo=_ELSEWHERE)
    real = program.resolve()
    for place in (program, real, *real.parents):
        if str(place) in _CLOSED or (place.is_dir() and not place.stat().st_mode & 0o001):
            raise ArgumentError(
                f"the account {ACCOUNT} could not run {program}: {place} is closed to it", todo=_ELSEWHERE
            )


def _reload() -> None:
    if Path("/run/systemd/system").is_dir():
        subprocess.run(["/bin/systemctl", "daemon-reload"], check=False)


def _next(site: str, *, cron: bool) -> list[str]:
    file = layout.configuration(site)
    run = f"sudo -u {ACCOUNT} greffe -c {file}"
    steps = [
        f"Fill in {file}; passwords can stand in /etc/greffe/{site}.env.",
        f"{run} doctor",
        f"{run} plan",
    ]
    if cron:
        return [
            *steps,
            f"Take the # away before the line of {layout.cron_file(site)}: cron then runs the night at 03:30.",
        ]
    return [*steps, f"systemctl enable --now greffe@{site}.timer"]
