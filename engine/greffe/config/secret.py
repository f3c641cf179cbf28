"""Where a secret comes from: never from a command line, and never from the configuration itself."""

from __future__ import annotations

import os
from pathlib import Path

from greffe.config.strict import Strict
from greffe.errors import ConfigError


class Secret(Strict, frozen=True, kw_only=True):
    """Where a password comes from; exactly one of the three."""

    env: str | None = None
    """A variable of the environment."""
    file: str | None = None
    """A file whose only line it is."""
    command: str | None = None
    """A command that prints it; run without a shell."""

    def read(self, owner: str) -> str:
        """The secret itself. ``owner`` names it in errors. Raises ConfigError."""
        if self.env is not None:
            return _of_environment(owner, self.env)
        if self.file is not None:
            return _of_file(owner, self.file)
        if self.command is not None:
            return _of_command(owner, self.command)
        raise ConfigError(f"{owner}: give one of env, file, command")


def _of_environment(owner: str, name: str) -> str:
    found = os.environ.get(name)
    if found is None:
        raise ConfigError(
            f"{owner}: the environment has no variable {name}",
            todo=f"Give {name} its value where this command runs; units of `greffe setup` read /etc/greffe/SITE.env.",
        )
    return found


def _of_file(owner: str, file: str) -> str:
    todo = "Write the password there, its only line, in UTF-8, and let the account that runs Greffe read it."
    try:
        return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as e:
        raise ConfigError(f"{owner}: {file} cannot be read: {e.strerror}", todo=todo) from e
    except ValueError:  # without its words, which repeat what the file holds
        raise ConfigError(f"{owner}: {file!r} is no text in UTF-8, or no name of a file", todo=todo) from None


def _of_command(owner: str, command: str) -> str:
    """No message repeats the command, in which somebody may have written a secret after all."""
    import shlex
    import subprocess

    todo = "Try the password command by hand, as the account that runs Greffe: it has to print the password."
    try:
        done = subprocess.run(shlex.split(command), capture_output=True, text=True, check=False)
    except OSError as e:
        raise ConfigError(f"{owner}: its password command cannot be run: {e.strerror}", todo=todo) from e
    except (ValueError, IndexError):  # a quote that is not closed, no word at all, a password that is no text
        raise ConfigError(f"{owner}: its password command is none, or prints no text", todo=todo) from None
    if done.returncode:
        raise ConfigError(f"{owner}: its password command ended with exit code {done.returncode}", todo=todo)
    return done.stdout.rstrip("\r\n")
