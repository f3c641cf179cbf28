"""What every command of the line shares: the site's configuration, the output, the words of errors."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from greffe.errors import GreffeError

if TYPE_CHECKING:
    from rich.console import Console

    from greffe.cli.progress import Bars
    from greffe.config import Config

Command = TypeVar("Command", bound=Callable[..., Any])
Shown = TypeVar("Shown")
A_FILE = click.Path(path_type=Path, dir_okay=False)
"""A file that is read, or may be made."""


@dataclass(slots=True)
class Shell:
    """One invocation."""

    config_file: str = "greffe.toml"
    json: bool = False
    debug: bool = False
    log: str | None = None
    """The format that was asked for; None: as the configuration says."""
    anonymise: bool = False
    _bars: Bars | None = field(default=None, repr=False)

    def config(self, outputs: Mapping[str, Path | None] | None = None) -> Config:
        """The site's configuration. ``outputs``: option → where the command is going to write. Raises ConfigError."""
        from greffe import logs
        from greffe.config import load
        from greffe.errors import ConfigError

        config = load(self.config_file)
        said = config.log
        form = self.log or (said.format if said else None)
        try:
            logs.start(form, said.file if said else None, said.level if said else "info", config.name)
        except OSError as e:
            raise ConfigError(f"{self.config_file}: [log] file: {e.filename}: {e.strerror}") from e
        if outputs:
            from greffe.commands._outputs import look_at_outputs, site_files

            look_at_outputs(site_files(config), outputs)
        return config

    @property
    def speaks_on_stderr(self) -> bool:
        """Whether lines for machines go there."""
        from greffe import logs

        return self.log in ("text", "json") or logs.in_journal()

    def watcher(self) -> Bars | None:
        """Progress bars on stderr; None where nobody sits there."""
        if not sys.stderr.isatty():
            return None
        from greffe.cli.progress import Bars

        self._bars = self._bars or Bars()
        return self._bars

    def must_ask(self, *, dry_run: bool = True) -> None:
        """Before a command that asks; UsageError where nobody could answer. ``dry_run``: the command has that, too."""
        if self.json:
            raise click.UsageError(f"--json cannot ask: give --yes{' or --dry-run' if dry_run else ''}")
        if sys.stdin is None or not sys.stdin.isatty():
            look = ", or --dry-run to look only" if dry_run else ""
            raise click.UsageError(f"there is no terminal to ask on: give --yes{look}")

    def still(self) -> None:
        """Take the progress bars away before something is printed."""
        if self._bars is not None:
            self._bars.stop()
            self._bars = None

    def out(self) -> Console:
        """Where tables go."""
        from greffe.report.terminal import console

        self.still()
        return console(sys.stdout)

    def say(self, text: str) -> None:
        """One line for people; with --json on stderr, since stdout holds the document alone."""
        self.still()
        click.echo(text, err=self.json)

    def veiled(self, shown: Shown) -> Shown:
        """What a command found, as it may be shown: with ``--anonymise`` nobody is named in it."""
        if not self.anonymise:
            return shown
        from greffe.report.veil import anonymised

        return anonymised(shown)

    def give(self, document: object) -> None:
        """The one JSON document on stdout."""
        import msgspec

        self.still()
        encoded = msgspec.json.encode(document, order="deterministic")
        click.echo(msgspec.json.format(encoded, indent=2).decode())

    def warn(self, error: GreffeError) -> None:
        """An error as two lines on stderr, where the command goes on all the same; what it lists, a line each."""
        self.still()
        from greffe.report.texts import visible

        if error.each:
            click.echo(f"greffe: {len(error.each)} things stand in the way:", err=True)
            for line in error.each:
                click.echo(f"  ✗ {visible(self._said(line))}", err=True)
        else:
            click.echo(f"greffe: {visible(self._said(str(error)))}", err=True)
        if error.todo:
            click.echo(f"→ {visible(self._said(error.todo))}", err=True)

    def complain(self, error: GreffeError) -> None:
        """An error as two lines on stderr; with --json also as the document."""
        import logging

        from greffe import logs
        from greffe.telling.discretion import said

        kind = type(error).__name__
        logs.event("error", said(error), level=logging.ERROR, kind=kind, exit=int(error.exit))
        self.warn(error)
        if self.json:
            told = {"error": self._said(str(error)), "todo": self._said(error.todo)}
            self.give({**told, "kind": kind, "exit": int(error.exit)})

    def _said(self, text: str) -> str:
        if not self.anonymise:
            return text
        from greffe.report.veil import sentence

        return sentence(text)


file_argument = click.argument("file", type=A_FILE)
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")
course_option = click.option("--course", metavar="NAME", help="Only this course: shortname, idnumber or id.")
cohort_option = click.option("--cohort", metavar="IDNUMBER", help="Only this cohort.")
person_option = click.option("--person", metavar="WHO", help="Only this person: idnumber, username or id.")


def json_option(command: Command) -> Command:
    """``--json``: one document on stdout, everything else on stderr."""

    def remember(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
        if value:
            context.ensure_object(Shell).json = True

    return click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=remember,
        help="One JSON document on stdout; everything else goes to stderr.",
    )(command)


def anonymise_option(command: Command) -> Command:
    """``--anonymise``: what the command shows and writes names nobody; it must pass ``Shell.veiled``."""

    def remember(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
        if value:
            context.ensure_object(Shell).anonymise = True

    return click.option(
        "--anonymise",
        "--anonymize",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=remember,
        help="For a ticket: people become P1, P2, …; what feeds and files say of them is left out.",
    )(command)


def countable(_context: click.Context, _parameter: click.Parameter, number: int) -> int:
    """No more than every database and every loop can count to: who asks for more wants all there is."""
    return min(number, 1_000_000_000)


def limit_option(what: str = "Longest list shown.") -> Callable[[Command], Command]:
    """``--limit``: how much of a list is shown."""
    return click.option(
        "--limit", type=click.IntRange(min=1), default=20, show_default=True, help=what, callback=countable
    )


class Examples(click.Command):
    """A command whose help ends with examples and its exit codes."""

    def __init__(self, *args: Any, examples: str = "", exits: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples, self.exits = examples, exits

    def format_epilog(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples, then exit codes, as written."""
        for title, text in (("Examples", self.examples), ("Exit codes", self.exits)):
            if text:
                with formatter.section(title):
                    for line in cleandoc(text).splitlines():
                        formatter.write(f"{'':{formatter.current_indent}}{line}\n")
