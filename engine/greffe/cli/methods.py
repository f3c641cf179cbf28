"""The commands around methods that follow something: methods sync, rollover."""

from __future__ import annotations

from pathlib import Path

import click

from greffe.cli import exits
from greffe.cli.night import keep, show
from greffe.cli.shell import Examples, Shell, json_option, limit_option
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
@limit_option()
@json_option
@click.pass_obj
def sync(
    shell: Shell, chosen: tuple[str, ...], course: str | None, own: bool, dry_run: bool, limit: int
) -> int:
    """Bring existing methods in step with their cohorts and parent courses, by Moodle's own settings."""
    from greffe.commands.methods import sync as command
    from greffe.commands.reporting import of_synced

    config = shell.config()
    document = of_synced(
        command(config, chosen, course=course, own=own, dry_run=dry_run, watcher=shell.watcher())
    )
    document.config_file = shell.config_file
    if not dry_run:
        keep(shell, config, document)
    return show(shell, document, limit)


@click.command(
    cls=Examples,
    short_help="Begin a new academic year: its cohorts, and who follows them.",
    examples="""
        greffe rollover --from 2025 --to 2026 --dry-run
        greffe rollover --from 2025 --to 2026 --out year.plan
        greffe rollover --from 2025 --to 2026 --yes
    """,
    exits=exits.table(
        Exit.DONE,
        Exit.CHANGES_PENDING,
        Exit.HELD,
        Exit.USAGE,
        Exit.NOT_READY,
        Exit.DATABASE,
        Exit.INTERRUPTED,
        Exit.REFUSED,
    ),
)
@click.option("--from", "old", required=True, metavar="YEAR", help="Last year, as the feed writes it: 2025.")
@click.option("--to", "new", required=True, metavar="YEAR", help="This year: 2026.")
@click.option("--dry-run", is_flag=True, help="Show what would be changed, and stop.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the plan for `greffe apply`, and stop.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@limit_option()
@json_option
@click.pass_obj
def rollover(shell: Shell, old: str, new: str, dry_run: bool, out: Path | None, yes: bool, limit: int) -> int:
    """Begin a new academic year: this year's cohorts, and the methods that used last year's follow them."""
    from greffe.commands.reporting import of_synced
    from greffe.commands.rollover import rollover as command

    asks = not (yes or dry_run or out)
    if asks:
        shell.must_ask()
    config = shell.config()
    if asks:
        proposed = of_synced(command(config, old, new, dry_run=True, watcher=shell.watcher()))
        proposed.config_file = shell.config_file
        show(shell, proposed, limit)
        if not proposed.done:
            return proposed.exit
        if not click.confirm("Make these changes?", err=True):
            shell.say("Nothing was done.")
            return Exit.DONE
    done = command(config, old, new, dry_run=dry_run, out=out, watcher=shell.watcher())
    document = of_synced(done)
    document.config_file, document.plan_file = shell.config_file, str(out or "")
    if done.result is not None:
        keep(shell, config, document)
    return show(shell, document, limit)
