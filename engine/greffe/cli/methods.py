"""The commands around methods that follow something: methods FILE, methods export, methods sync, cohorts FILE, rollover."""

from __future__ import annotations

from pathlib import Path

import click

from greffe.cli import exits
from greffe.cli.batchfile import EXITS, Choices, Reading, carry_file, file_options
from greffe.cli.document import keep, show
from greffe.cli.shell import (
    A_FILE,
    Examples,
    Shell,
    anonymise_option,
    course_option,
    json_option,
    limit_option,
    yes_option,
)
from greffe.errors import Exit


class FileOrCommand(click.Group):
    """A group whose first word may be a file instead of a command: that is what ``apply`` does."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Put the command in where a file stands, or an option of it."""
        if args and args[0] not in self.commands and args[0] not in context.help_option_names:
            args = ["apply", *args]
        return super().parse_args(context, args)


@click.group(
    cls=FileOrCommand,
    short_help="Cohort sync and course meta links, by a file or by their sync.",
    subcommand_metavar="FILE | COMMAND [ARGS]...",
)
def methods() -> None:
    """Cohort sync and course meta links.

    With a FILE they are made, changed, disabled, enabled and deleted as its lines say (`greffe methods apply --help`); `sync`
    brings their people in step, as Moodle's own tasks do, in seconds.
    """


@methods.command(
    "apply",
    cls=Examples,
    short_help="Make, change, disable, enable and delete methods as a file says.",
    examples="""
        greffe methods methods.csv --dry-run
        greffe methods methods.csv --report fate.html
        greffe methods courses.csv --format 2 --skip-refused --refused again.csv
        greffe methods methods.xlsx --yes
    """,
    exits=EXITS,
)
@click.option(
    "--with-grades",
    is_flag=True,
    help="Delete methods although people's grades go with them; else they are only disabled.",
)
@file_options
def apply_file(shell: Shell, choices: Choices, file: Path, reading: Reading, with_grades: bool) -> int:
    """Make, change, disable, enable and delete cohort-sync methods and meta links as the lines of FILE say, with their
    people.

    It may be a file of "upload enrolment methods", of "upload courses", of meta links, or of `greffe methods export`.
    """
    from greffe.commands.methods_file import methods_file
    from greffe.intake.wants import Wants

    return carry_file(
        shell,
        choices,
        file,
        reading,
        {Wants.METHODS},
        lambda config, file, asked: methods_file(
            config, file, asked, with_grades=with_grades, watcher=shell.watcher()
        ),
    )


@methods.command(
    cls=Examples,
    short_help="Write today's methods as a file, to be edited and put back.",
    examples="""
        greffe methods export --all --out methods.csv
        greffe methods export --course DRT101 --course DRT102
        greffe methods export --category DROIT --out droit.csv
    """,
    exits=exits.table(Exit.DONE, Exit.USAGE, Exit.DATABASE),
)
@click.option(
    "--course",
    "courses",
    multiple=True,
    metavar="NAME",
    help="This course: shortname, idnumber or id; may be repeated.",
)
@click.option("--category", metavar="NAME", help="A category and all below it: path, id, idnumber or name.")
@click.option("--all", "everything", is_flag=True, help="All courses.")
@click.option(
    "--out",
    type=A_FILE,
    metavar="FILE",
    help="The file; default: the standard output.",
)
@json_option
@click.pass_obj
def export(
    shell: Shell, courses: tuple[str, ...], category: str | None, everything: bool, out: Path | None
) -> int:
    """Write today's cohort-sync methods and meta links of some courses as a file that spreadsheets open.

    Edited, it is put back by `greffe methods FILE`; unedited, that changes nothing.
    """
    import sys

    from greffe.commands.methods_export import export_methods

    if shell.json and out is None:
        raise click.UsageError("--json describes the file: give --out")
    found = export_methods(
        shell.config({"--out": out}), courses=courses, category=category, everything=everything, out=out, to=sys.stdout,
    )  # fmt: skip
    if shell.json:
        shell.give(found)
        return Exit.DONE
    for sentence in found.told:
        click.echo(sentence, err=True)
    return Exit.DONE


@click.command(
    cls=Examples,
    short_help="Make cohorts, and put people into them, as a file says.",
    examples="""
        greffe cohorts cohorts.csv --dry-run
        greffe cohorts members.csv --person-key email
        greffe cohorts members.csv --skip-refused --refused again.csv --yes
    """,
    exits=EXITS,
)
@file_options
def cohorts(shell: Shell, choices: Choices, file: Path, reading: Reading) -> int:
    """Make, rename, describe, place, show and hide cohorts, or put people into them and take them out, as the lines of FILE
    say.

    It may be a file of Moodle's own upload of cohorts, of "cohort sync", or one with Greffe's own columns.
    """
    from greffe.commands.cohorts_file import cohorts_file
    from greffe.intake.wants import Wants

    return carry_file(
        shell,
        choices,
        file,
        reading,
        {Wants.COHORTS, Wants.MEMBERS},
        lambda config, file, asked: cohorts_file(config, file, asked, watcher=shell.watcher()),
    )


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
@course_option
@click.option("--own", is_flag=True, help="Only instances that [[link]] rules made or adopted.")
@click.option("--dry-run", is_flag=True, help="Show what would be changed, and stop.")
@limit_option()
@anonymise_option
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
    type=A_FILE,
    metavar="FILE",
    help="Write the plan for `greffe apply`, and stop.",
)
@yes_option
@limit_option()
@anonymise_option
@json_option
@click.pass_obj
def rollover(shell: Shell, old: str, new: str, dry_run: bool, out: Path | None, yes: bool, limit: int) -> int:
    """Begin a new academic year: this year's cohorts, and the methods that used last year's follow them."""
    from greffe.commands.reporting import of_synced
    from greffe.commands.rollover import rollover as command

    asks = not (yes or dry_run or out)
    if asks:
        shell.must_ask()
    config = shell.config({"--out": out})
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
