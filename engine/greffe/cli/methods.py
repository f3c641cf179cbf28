"""The commands around methods that follow something: methods sync."""

from __future__ import annotations

import click

from greffe.cli import exits
from greffe.cli.night import show
from greffe.cli.shell import Examples, Shell, json_option
from greffe.errors import Exit


@click.group(short_help="Cohort sync and course meta links, as Moodle's tasks do them.")
def methods() -> None:
    """Cohort sync and course meta links, as Moodle's own tasks do them, in seconds."""


@methods.command(
    cls=Examples,
    short_help="Bring methods in step with their cohorts and parent courses.",
    examples="""
        greffe methods sync --dry-run
        greffe methods sync
        greffe methods sync --method cohort --course DRT101
        greffe methods sync --own
    """,
    exits=exits.table(
        Exit.DONE,
        Exit.CHANGES_PENDING,
        Exit.HELD,
        Exit.NOT_READY,
        Exit.DATABASE,
        Exit.INTERRUPTED,
        Exit.REFUSED,
    ),
)
@click.option(
    "--method",
    "chosen",
    multiple=True,
    type=click.Choice(["cohort", "meta"]),
    help="Only this method; default: both, where Moodle has them switched on.",
)
@click.option("--course", metavar="NAME", help="Only this course: shortname, idnumber or id.")
@click.option("--own", is_flag=True, help="Only instances that [[link]] rules made or adopted.")
@click.option("--dry-run", is_flag=True, help="Show what would be changed, and stop.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Longest list shown."
)
@json_option
@click.pass_obj
def sync(
    shell: Shell, chosen: tuple[str, ...], course: str | None, own: bool, dry_run: bool, limit: int
) -> int:
    """Bring existing methods in step with their cohorts and parent courses, by Moodle's own settings."""
    from greffe.commands.methods import sync as command
    from greffe.commands.reporting import ReportError, of_synced, write_report

    config = shell.config()
    document = of_synced(
        command(config, chosen, course=course, own=own, dry_run=dry_run, watcher=shell.watcher())
    )
    document.config_file = shell.config_file
    if not dry_run:
        try:
            write_report(config, document)
        except ReportError as e:
            shell.warn(e)
    return show(shell, document, limit)
