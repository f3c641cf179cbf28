"""``--all``: the same command for every configuration of a directory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from greffe.cli import exits
from greffe.cli.shell import Command, Shell

if TYPE_CHECKING:
    from greffe.commands.sites import Outcome


def all_options(command: Command) -> Command:
    """``--all`` and ``--directory``."""
    command = click.option(
        "--directory", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), default="/etc/greffe",
        show_default=True, help="Where --all finds the sites: its files *.toml.",
    )(command)  # fmt: skip
    return click.option("--all", "every", is_flag=True, help="Every site of --directory, instead of one.")(
        command
    )


parallel_option = click.option(
    "--parallel", type=click.IntRange(1, 32), default=1, show_default=True, metavar="N",
    help="Of --all: how many sites at a time.",
)  # fmt: skip


def run_all(shell: Shell, directory: Path, words: str, parallel: int = 1) -> int:
    """Run a command for every site, then one table of how each ended; the gravest exit code."""
    from greffe.commands.sites import for_each, sites

    def heard(outcome: Outcome) -> None:
        for line in outcome.said.splitlines():
            click.echo(f"{outcome.site}: {line}", err=True)

    if shell.anonymise:
        words += " --anonymise"
    files = sites(directory)
    outcomes = for_each(
        files, words, parallel, log=shell.log, heard=None if shell.speaks_on_stderr else heard
    )
    code = exits.gravest(o.exit for o in outcomes)
    if shell.json:
        shell.give({"exit": code, "sites": outcomes})
    else:
        from greffe.report.terminal import listing

        rows = [(o.site, o.exit, o.run or "", o.state, o.text) for o in outcomes]
        listing(shell.out(), "", ["site", "exit", "run", "state", "what became of it"], rows)
    return code
