"""What to do with a list: advise."""

from __future__ import annotations

from pathlib import Path

import click

from greffe.cli import exits
from greffe.cli.batchfile import Reading, opened, reading_options
from greffe.cli.shell import Examples, Shell, anonymise_option, file_argument, json_option, limit_option
from greffe.errors import Exit


@click.command(
    cls=Examples,
    short_help="Which way suits a list of people and some courses.",
    examples="""
        greffe advise list.xlsx --course DRT101
        greffe advise list.csv --course DRT101 --course DRT102 --into advice/
        greffe advise teachers.csv --json
    """,
    exits=exits.table(Exit.DONE, Exit.USAGE, Exit.DATABASE),
)
@file_argument
@reading_options
@click.option(
    "--course",
    "courses",
    multiple=True,
    metavar="NAME",
    help="A course, where lines name none: shortname, idnumber or id; several times for several.",
)
@click.option(
    "--role",
    default="",
    metavar="SHORTNAME",
    help="What they shall be there; for the commands that are given.",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIRECTORY",
    help="Write the files that the commands need there.",
)
@limit_option("How many people are named at most.")
@anonymise_option
@json_option
@click.pass_obj
def advise(
    shell: Shell, file: Path, reading: Reading, courses: tuple[str, ...], role: str, into: Path | None, limit: int
) -> int:  # fmt: skip
    """Say which way suits the people of FILE and their courses, and why: cohorts that have exactly these people (or who is
    missing, who would come along), a file into the courses, or enrolments to renew; with the command to type. Changes nothing."""
    from greffe.commands.advise import Asking
    from greffe.commands.advise import advise as command
    from greffe.intake.wants import Wants
    from greffe.report.advice import for_site, show

    if shell.anonymise and into is not None:
        raise click.UsageError("the files of --into name people: leave it or --anonymise out")
    config = shell.config()
    wants = {Wants.PEOPLE, Wants.ONE_COURSE} if courses else {Wants.PEOPLE}
    asking = Asking(
        courses=courses,
        role=role,
        into=into,
        limit=limit,
        reading=reading.options(),
        person_key=reading.person_key or "",
    )
    advised = command(config, opened(file, reading, wants), asking, shell.watcher())
    found = shell.veiled(for_site(advised, shell.config_file))
    if shell.json:
        shell.give(found)
    else:
        show(shell.out(), found)
    return Exit.DONE
