"""The commands around Moodle's plugin: plugin prepare, plugin finish."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from greffe.cli import exits
from greffe.cli.shell import Examples, Shell, json_option
from greffe.errors import Exit

if TYPE_CHECKING:
    from greffe.commands.plugin import Handling

_CODES = exits.table(Exit.DONE, Exit.CHANGES_PENDING, Exit.NOT_READY, Exit.DATABASE)
statements_option = click.option("--dry-run", is_flag=True, help="Print the statements, and stop.")


@click.group(short_help="Hand Greffe's own tables over to Moodle's plugin.")
def plugin() -> None:
    """Hand Greffe's own tables over to Moodle's plugin local_greffe, where Greffe ran before the plugin was there."""


@plugin.command(
    cls=Examples,
    short_help="Set Greffe's tables aside, before Moodle installs the plugin.",
    examples="""
        greffe plugin prepare --dry-run
        greffe plugin prepare
        greffe plugin prepare --back
    """,
    exits=_CODES,
)
@click.option("--back", is_flag=True, help="Take them back: the plugin is not going to be installed.")
@statements_option
@json_option
@click.pass_obj
def prepare(shell: Shell, back: bool, dry_run: bool) -> int:
    """Set Greffe's tables aside, so that Moodle's installer can make the plugin's; it then takes every row over. Until it has,
    every other command refuses."""
    from greffe.commands.plugin import prepare as command

    handling = command(shell.config(), back=back, dry_run=dry_run)
    return show_handling(
        shell, handling, "Greffe's tables are back." if back else "Greffe's tables are set aside."
    )


@plugin.command(
    cls=Examples,
    short_help="Drop what was set aside, once the plugin has taken it over.",
    examples="""
        greffe plugin finish --dry-run
        greffe plugin finish
    """,
    exits=_CODES,
)
@statements_option
@json_option
@click.pass_obj
def finish(shell: Shell, dry_run: bool) -> int:
    """Drop the tables that were set aside, once Moodle's plugin has taken every row over."""
    from greffe.commands.plugin import finish as command

    return show_handling(shell, command(shell.config(), dry_run=dry_run), "What was set aside is dropped.")


def show_handling(shell: Shell, handling: Handling, done: str) -> int:
    """What was done to Greffe's own tables, or would be; the exit code."""
    pending = bool(handling.statements) and not handling.done
    if shell.json:
        from msgspec import to_builtins

        shell.give(to_builtins(handling) | {"exit": int(Exit.CHANGES_PENDING if pending else Exit.DONE)})
    elif handling.done:
        shell.say(f"{done} {handling.next}")
    elif pending:
        for statement in handling.statements:
            shell.say(f"{statement};")
    else:
        shell.say(f"There is nothing to do. {handling.next}".rstrip())
    return Exit.CHANGES_PENDING if pending else Exit.DONE
