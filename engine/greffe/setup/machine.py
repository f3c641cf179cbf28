"""The machine that is set up, or a directory that stands for its root (an image, a test)."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from greffe.errors import ArgumentError
from greffe.setup.layout import ACCOUNT, Directory, File
from greffe.setup.written import State, beside, state_of

_BY_HAND = f"Make a system account {ACCOUNT} with its group by hand, then run the same command again."


@dataclass(frozen=True, slots=True)
class Machine:
    """Everything is below ``root``."""

    root: Path = Path("/")

    def at(self, path: str) -> Path:
        """A place of the machine."""
        return self.root / path.removeprefix("/")

    def account(self) -> tuple[int, int] | None:
        """Numbers of Greffe's account and group; None where there is none."""
        user, group = self._number("passwd"), self._number("group")
        return (user, group) if user is not None and group is not None else None

    def make_account(self) -> None:
        """Add the account: no home of its own, no password, no shell."""
        where = [] if self.root == Path("/") else ["--prefix", str(self._with_accounts())]
        command = [
            "useradd", *where, "--system", "--user-group", "--no-create-home", "--home-dir", "/var/lib/greffe",
            "--shell", "/usr/sbin/nologin", "--comment", "Greffe", ACCOUNT,
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            raise ArgumentError(
                "there is no useradd on this machine",
                todo=_BY_HAND,
            ) from None
        if done.returncode:
            said = "; ".join(line.strip() for line in done.stderr.splitlines())
            raise ArgumentError(
                f"the account {ACCOUNT} cannot be made: {said}",
                todo=_BY_HAND,
            )

    def _with_accounts(self) -> Path:
        """The root with the files of accounts that useradd looks for: a directory for a trial has none yet."""
        etc = self.root / "etc"
        etc.mkdir(exist_ok=True)
        for name, mode in (("passwd", 0o644), ("group", 0o644), ("shadow", 0o640), ("gshadow", 0o640)):
            if not (etc / name).exists():
                (etc / name).touch(mode)
        return self.root

    def state(self, thing: Directory | File) -> State:
        """What is to be done about it."""
        path = self.at(thing.path)
        if isinstance(thing, Directory) or thing.theirs:
            return State.KEEP if path.exists() else State.MAKE
        return state_of(path, thing.text)

    def make(self, thing: Directory | File, state: State) -> None:
        """Do it."""
        path = self.at(thing.path)
        if state is State.KEEP:
            return
        if isinstance(thing, Directory):
            path.mkdir(parents=True)
            self.give(path, thing.mode, own=thing.own)
            return
        if state is State.BESIDE:
            path = beside(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        part.unlink(missing_ok=True)
        part.touch(0o600)
        part.write_text(thing.text, encoding="utf-8")
        if thing.mode & 0o004:
            part.chmod(thing.mode)
        else:
            self.give(part, thing.mode, own=False)
        part.replace(path)

    def give(self, path: Path, mode: int, *, own: bool) -> None:
        """Let the account have it (``own``) or read it, and nobody else."""
        found = self.account()
        if found is None:
            raise ArgumentError(f"there is no account {ACCOUNT} with a group here", todo=_BY_HAND)
        os.chown(path, found[0] if own else 0, found[1])
        path.chmod(mode)

    def _number(self, file: str) -> int | None:
        if self.root == Path("/"):
            return _known(file)
        try:
            lines = (self.root / "etc" / file).read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return None
        return next((int(f[2]) for f in (line.split(":") for line in lines) if f[0] == ACCOUNT), None)


def _known(file: str) -> int | None:
    """As this machine knows it, from whatever source."""
    import grp
    import pwd

    try:
        return pwd.getpwnam(ACCOUNT).pw_uid if file == "passwd" else grp.getgrnam(ACCOUNT).gr_gid
    except KeyError:
        return None
