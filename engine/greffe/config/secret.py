"""Where a secret comes from: never from a command line, and never from the configuration itself."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import msgspec

from greffe.errors import ConfigError


class Secret(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where a password comes from; exactly one of the three."""

    env: str | None = None
    """A variable of the environment."""
    file: str | None = None
    """A file whose only line it is."""
    command: str | None = None
    """A command that prints it; run without a shell."""

    def read(self, owner: str) -> str:
        """The secret itself. ``owner`` names it in errors."""
        if self.env is not None:
            value = os.environ.get(self.env)
            if value is None:
                raise ConfigError(f"{owner}: the environment has no variable {self.env}")
            return value
        if self.file is not None:
            try:
                return Path(self.file).read_text(encoding="utf-8").rstrip("\r\n")
            except OSError as e:
                raise ConfigError(f"{owner}: {self.file} cannot be read: {e.strerror}") from e
        if self.command is not None:
            done = subprocess.run(shlex.split(self.command), capture_output=True, text=True, check=False)
            if done.returncode:
                raise ConfigError(f"{owner}: its password command ended with exit code {done.returncode}")
            return done.stdout.rstrip("\r\n")
        raise ConfigError(f"{owner}: give one of env, file, command")
