"""The commands around Greffe's own tables: backup, restore, migrate."""

from __future__ import annotations

from pathlib import Path

import click

from greffe.cli import exits
from greffe.cli.plugin import show_handling, statements_option
from greffe.cli.shell import Examples, Shell, file_argument, json_option, yes_option
from greffe.errors import Exit


@click.command(
    cls=Examples,
    short_help="Write Greffe's own tables to one file.",
    examples="""
        greffe backup greffe-2026-11-28.jsonl.gz
        greffe -c ecampus.toml backup /var/lib/greffe/ecampus/before.jsonl.gz
    """,
    exits=exits.table(Exit.DONE, Exit.USAGE, Exit.NOT_READY, Exit.DATABASE, Exit.INTERRUPTED),
)
@file_argument
@json_option
@click.pass_obj
def backup(shell: Shell, file: Path) -> int:
    """Write Greffe's own tables (runs, journal, what it answers for) to FILE, as they are between two runs. An older file of
    that name is replaced once the new one is whole."""
    from greffe.commands.backup import backup as command
    from greffe.report.texts import count, visible

    kept = command(shell.config({"FILE": file}), file, shell.watcher())
    if shell.json:
        shell.give(kept)
    else:
        shell.say(
            f"{count(kept.rows, 'row')} of {len(kept.tables)} tables are in {visible(kept.file)}, which names people: "
            "keep it where only this account reads."
        )
    return Exit.DONE


@click.command(
    cls=Examples,
    short_help="Bring Greffe's own tables back from such a file.",
    examples="""
        greffe restore greffe-2026-11-28.jsonl.gz --dry-run
        greffe restore greffe-2026-11-28.jsonl.gz
        greffe restore greffe-2026-11-28.jsonl.gz --replace
        greffe restore greffe-2026-11-28.jsonl.gz --replace --yes
    """,
    exits=exits.table(Exit.DONE, Exit.USAGE, Exit.NOT_READY, Exit.DATABASE, Exit.INTERRUPTED, Exit.REFUSED),
)
@file_argument
@click.option("--replace", is_flag=True, help="In place of the rows that are there; asks first.")
@yes_option
@click.option(
    "--dry-run", is_flag=True, help="Check the whole file, and whether it is this site's; write nothing."
)
@json_option
@click.pass_obj
def restore(shell: Shell, file: Path, replace: bool, yes: bool, dry_run: bool) -> int:
    """Bring Greffe's own tables back from FILE, which `greffe backup` wrote for this site; Moodle's tables are left as they are.
    From MariaDB to PostgreSQL and back as well."""
    from greffe.commands.backup import restore as command
    from greffe.report.texts import count, moment, visible

    config = shell.config()
    if replace and not yes and not dry_run:
        proposed = command(config, file, replace=True, dry_run=True, watcher=shell.watcher())
        if proposed.there:
            shell.must_ask()
            there, comes = count(proposed.there, "row"), count(proposed.rows, "row")
            shell.say(
                f"{there} of Greffe's tables go (runs, journal, what it answers for), {comes} of {moment(proposed.made)} come in "
                "their place. What nights since then did can no longer be undone."
            )
            if not click.confirm("Replace them?", err=True):
                shell.say("Nothing was done.")
                return Exit.DONE
    kept = command(config, file, replace=replace, dry_run=dry_run, watcher=shell.watcher())
    if shell.json:
        shell.give(kept)
    else:
        what = f"{count(kept.rows, 'row')} of {moment(kept.made)}"
        done = "are back" if kept.done else "are whole, and would come back"
        shell.say(f"{what} {done} from {visible(kept.file)}.")
    return Exit.DONE


@click.command(
    cls=Examples,
    short_help="Change tables of an older Greffe into this one's.",
    examples="""
        greffe migrate --dry-run
        greffe migrate
    """,
    exits=exits.table(Exit.DONE, Exit.CHANGES_PENDING, Exit.NOT_READY, Exit.DATABASE),
)
@statements_option
@json_option
@click.pass_obj
def migrate(shell: Shell, dry_run: bool) -> int:
    """Change Greffe's own tables, as an older Greffe left them, into those that this one works with. Until then every other
    command refuses. Where Moodle's plugin is installed, Moodle's own upgrade does it."""
    from greffe.commands.migrate import migrate as command

    return show_handling(shell, command(shell.config(), dry_run=dry_run), "Greffe's tables are changed.")
