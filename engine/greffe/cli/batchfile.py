"""What every command that reads people's files shares on the command line: its options, its questions, its reports."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from functools import update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from greffe.cli import exits
from greffe.cli.document import keep, show
from greffe.cli.shell import (
    A_FILE,
    Command,
    Shell,
    anonymise_option,
    file_argument,
    json_option,
    limit_option,
    yes_option,
)
from greffe.errors import Exit, GreffeError

if TYPE_CHECKING:
    from greffe.commands._file.batch import Asked, Batched
    from greffe.config import Config
    from greffe.intake.lines import Batchfile
    from greffe.intake.opening import OpenedFile
    from greffe.intake.wants import Wants

Options = TypeVar("Options", "Choices", "Reading")

EXITS = exits.table(
    Exit.DONE, Exit.CHANGES_PENDING, Exit.HELD, Exit.USAGE, Exit.NOT_READY, Exit.DATABASE, Exit.INTERRUPTED,
    Exit.REFUSED,
)  # fmt: skip
"""How such a command can end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What was chosen of the shared options."""

    yes: bool
    dry_run: bool
    out: Path | None
    limit: int
    skip_refused: bool = False
    report: Path | None = None
    refused: Path | None = None

    @property
    def of_lines(self) -> bool:
        """Whether anything was said of what becomes of a file's lines."""
        return bool(self.skip_refused or self.report or self.refused)

    def asked(self, *, look: bool = False) -> Asked:
        """The same for the command; ``look``: before anybody has said yes."""
        from greffe.commands._file.batch import Asked

        return Asked(
            skip_refused=self.skip_refused,
            dry_run=look or self.dry_run,
            out=None if look else self.out,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a file is to be read, as far as it was said."""

    format: str | None = None
    separator: str | None = None
    encoding: str | None = None
    person_key: str | None = None
    sheet: str | None = None
    columns: tuple[tuple[str, str], ...] = ()

    def options(self) -> str:
        """The same for another command, as it is typed; '' where nothing was said."""
        given = {
            "--format": self.format, "--separator": self.separator, "--encoding": self.encoding,
            "--person-key": self.person_key, "--sheet": self.sheet,
        }  # fmt: skip
        words = [word for option, value in given.items() if value for word in (option, value)]
        words += [word for name, header in self.columns for word in ("--column", f"{name}={header}")]
        return shlex.join(words)


def choice_options(command: Command) -> Command:
    """``--dry-run``, ``--yes``, ``--out``, ``--limit``, ``--json``: the command gets the shell and ``choices``."""

    def gathered(*args: Any, **given: Any) -> Any:
        return command(*args, choices=_taken(Choices, given), **given)

    return _decorated(
        _named_as(command, gathered),
        click.option("--dry-run", is_flag=True, help="Show what would be changed, and stop."),
        yes_option,
        click.option("--out", type=A_FILE, metavar="PLAN", help="Write the plan for `greffe apply`, and stop."),
        limit_option(),
        anonymise_option,
        json_option,
        click.pass_obj,
    )  # fmt: skip


def reading_options(command: Command) -> Command:
    """How to read a file: the command gets ``reading``."""

    def gathered(*args: Any, **given: Any) -> Any:
        return command(*args, reading=_taken(Reading, given), **given)

    return _decorated(
        _named_as(command, gathered),
        click.option("--format", metavar="NAME", help="The file's format, where two are possible."),
        click.option(
            "--separator", metavar="CHAR", help="What stands between its cells: `,` `;` `|`, tab, or none."
        ),
        click.option("--encoding", metavar="NAME", help="Its encoding: utf-8, windows-1252."),
        click.option(
            "--person-key",
            type=click.Choice(["idnumber", "username", "email", "any"]),
            help="By what its people are named; default: whichever field knows them.",
        ),
        click.option("--sheet", metavar="NAME", help="Which sheet of a workbook."),
        click.option(
            "--column",
            "columns",
            multiple=True,
            callback=_named,
            metavar="NAME=HEADER",
            help="Which column of its header is person, course, role, group, …",
        ),
    )


def line_options(command: Command) -> Command:
    """How to read a file, what becomes of its lines that are refused, and all of ``choice_options``."""
    return _decorated(
        choice_options(command),
        reading_options,
        click.option("--skip-refused", is_flag=True, help="Do the rest where lines are refused."),
        click.option(
            "--report", type=A_FILE, metavar="FILE", help="What became of each line: .csv or .html."
        ),
        click.option(
            "--refused",
            type=A_FILE,
            metavar="FILE",
            help="Write the refused lines here, to be corrected and fed again.",
        ),
    )


def file_options(command: Command) -> Command:
    """FILE, and all of ``line_options``."""
    return file_argument(line_options(command))


def carry_file(
    shell: Shell,
    choices: Choices,
    file: Path,
    reading: Reading,
    wants: Collection[Wants],
    command: Callable[[Config, Batchfile, Asked], Batched],
    *,
    course: str = "",
) -> int:
    """Look, ask, do, tell: one invocation of a command that does what a file says. ``course``: of lines that name none."""
    from greffe.commands._outputs import beside, look_at_outputs

    if shell.anonymise and (choices.report or choices.refused):
        raise click.UsageError(
            "--report and --refused tell of each person's line: leave them or --anonymise out"
        )
    look_at_outputs(
        {"the file itself": file, "the configuration": Path(shell.config_file)},
        {
            "--report": choices.report,
            "--refused": choices.refused,
            "--refused (its reasons)": beside(choices.refused),
            "--out": choices.out,
        },
    )
    files: list[OpenedFile] = []

    def do(config: Config, asked: Asked) -> Batched:
        if not files:
            files.append(opened(file, reading, wants))
        return command(config, files[0], asked)

    def tell(found: Batched) -> None:
        from greffe.commands._file.telling import write_refusals, write_report

        if choices.report is not None:
            write_report(choices.report, files[0], found, course)
        if choices.refused is not None:
            for path in write_refusals(choices.refused, files[0], found):
                click.echo(f"refused lines: {path}", err=True)

    return carry(shell, choices, do, tell)


def carry(
    shell: Shell,
    choices: Choices,
    command: Callable[[Config, Asked], Batched],
    tell: Callable[[Batched], None] = lambda _: None,
) -> int:
    """The same where there may be no file. ``tell``: what else is written of how it ended."""
    from greffe.commands.reporting import of_batch

    asks = not (choices.yes or choices.dry_run or choices.out)
    if asks:
        shell.must_ask()
    config = shell.config({"--report": choices.report, "--refused": choices.refused, "--out": choices.out})
    if asks:
        found = command(config, choices.asked(look=True))
        proposed = of_batch(found)
        show(shell, proposed, choices.limit)
        if found.stopped or not proposed.done:
            tell(found)
            return proposed.exit
        if not click.confirm("Make these changes?", err=True):
            shell.say("Nothing was done.")
            return Exit.DONE
    done = command(config, choices.asked())
    document = of_batch(done)
    document.config_file, document.plan_file = shell.config_file, str(choices.out or "")
    if done.result is not None:
        keep(shell, config, document)
    told = True
    try:
        tell(done)
    except GreffeError as e:  # what was done is done, and an exit code of its own must go on telling how
        shell.warn(e)
        told = False
    return show(shell, document, choices.limit) or (Exit.DONE if told else Exit.USAGE)


def _named(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    found = []
    for value in values:
        name, _, header = value.partition("=")
        if not (name.strip() and header.strip()):
            raise click.BadParameter("give NAME=HEADER, such as person=Courriel")
        found.append((name.strip(), header.strip()))
    return tuple(found)


def _taken(kind: type[Options], given: dict[str, Any]) -> Options:
    """Those of the options given that belong together, as one; they are no longer among the others."""
    return kind(**{f.name: given.pop(f.name) for f in fields(kind) if f.name in given})


def _named_as(command: Command, gathered: Any) -> Command:
    return cast("Command", update_wrapper(gathered, command))


def _decorated(command: Command, *decorators: Callable[[Any], Any]) -> Command:
    """As if they stood above it, in this order."""
    found: Any = command
    for decorator in reversed(decorators):
        found = decorator(found)
    return cast("Command", found)


def opened(file: Path, reading: Reading, wants: Collection[Wants]) -> OpenedFile:
    """The file, recognised; doubts about it are raised where its lines are walked."""
    from greffe.intake.opening import open_batchfile

    return open_batchfile(
        file,
        wants=wants,
        format=reading.format or "",
        separator=reading.separator or "",
        encoding=reading.encoding or "",
        person_key=reading.person_key or "",
        columns=dict(reading.columns),
        sheet=reading.sheet or "",
    )
