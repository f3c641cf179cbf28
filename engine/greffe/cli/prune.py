"""What is kept no longer: prune."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from greffe.cli import exits
from greffe.cli.shell import Examples, Shell, json_option, yes_option
from greffe.errors import Exit

if TYPE_CHECKING:
    from greffe.report.pruned import Pruning


@click.command(
    cls=Examples,
    short_help="Take out what is older than [retention] keeps it.",
    examples="""
        greffe prune --dry-run
        greffe prune
        greffe -c ecampus.toml prune --yes --json
    """,
    exits=exits.table(
        Exit.DONE, Exit.CHANGES_PENDING, Exit.NOT_READY, Exit.DATABASE, Exit.INTERRUPTED, Exit.REFUSED
    ),
)
@click.option("--dry-run", is_flag=True, help="Show what would go, and stop.")
@yes_option
@json_option
@click.pass_obj
def prune(shell: Shell, dry_run: bool, yes: bool) -> int:
    """Take out of Greffe's own tables, and of its reports, what is older than [retention] in the configuration keeps it.

    Moodle's own rows are not touched. Of a run its figures stay; it can no longer be undone. What the plugin has still to tell
    Moodle, the last nights, and all that makes people and places Greffe's, stay whatever their age.
    """
    from greffe.commands import prune as command

    config = shell.config()
    if not yes:
        proposed = command.propose(config)
        if dry_run or not proposed.amount:
            return _show(shell, proposed)
        shell.must_ask()
        _show(shell, proposed)
        if not click.confirm("Take this out?", err=True):
            shell.say("Nothing was done.")
            return Exit.DONE
    elif dry_run:
        return _show(shell, command.propose(config))
    return _show(shell, command.prune(config, shell.watcher()))


def _show(shell: Shell, pruning: Pruning) -> int:
    if shell.json:
        shell.give(pruning)
    else:
        from greffe.report.pruned import show

        show(shell.out(), pruning)
    return pruning.exit
