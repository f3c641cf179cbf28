"""The commands around people in courses: enrol."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from greffe.cli.batchfile import EXITS, Choices, Reading, carry_file, file_options
from greffe.cli.shell import Examples, Shell

if TYPE_CHECKING:
    from greffe.commands._batch import Asked, Batched
    from greffe.config import Config
    from greffe.intake.lines import Batchfile


def moment(_context: click.Context, _parameter: click.Parameter, value: str | None) -> int | None:
    """A day, or a moment of this machine's time zone, as seconds since 1970; ``none`` for 0."""
    if value is None or value.strip() in ("none", "0"):
        return None if value is None else 0
    try:
        found = int(datetime.fromisoformat(value.strip()).astimezone().timestamp())
    except (ValueError, OverflowError):
        found = 0
    if found <= 0:
        raise click.BadParameter("give 2027-06-30, 2027-06-30T18:00 or none")
    return found


method_option = click.option(
    "--method",
    type=click.Choice(["manual", "self"]),
    default="manual",
    show_default=True,
    help="The enrolment method whose people they are.",
)
_WHEN = "2027-06-30, 2027-06-30T18:00 or none"


@click.command(
    cls=Examples,
    short_help="People into courses, or out of them, as a file says.",
    examples="""
        greffe enrol teachers.csv
        greffe enrol list.xlsx --course DRT101 --role student --group TD1
        greffe enrol list.csv --course DRT101 --end 2027-06-30 --dry-run
        greffe enrol leavers.csv --course DRT101 --remove
        greffe enrol class.csv --course DRT101 --replace --report class.html
        greffe enrol people.csv --skip-refused --refused again.csv --yes
    """,
    exits=EXITS,
)
@method_option
@click.option(
    "--course",
    default="",
    metavar="NAME",
    help="The course, where lines name none: shortname, idnumber or id.",
)
@click.option("--role", default="", metavar="SHORTNAME", help="Their role, where lines name none.")
@click.option("--group", default="", metavar="NAME", help="Their group, likewise; made where it is missing.")
@click.option("--grouping", default="", metavar="NAME", help="The groups' grouping, likewise.")
@click.option("--start", callback=moment, metavar="DATE", help=f"From when, likewise: {_WHEN}.")
@click.option("--end", callback=moment, metavar="DATE", help="Until when, likewise.")
@click.option("--remove", is_flag=True, help="Take the people of the file out instead.")
@click.option("--replace", is_flag=True, help="The file is the whole list: take out whom it does not name.")
@click.option(
    "--with-grades", is_flag=True, help="Take out also those who lose grades by it; else they are suspended."
)
@file_options
def enrol(
    shell: Shell,
    choices: Choices,
    reading: Reading,
    method: str,
    course: str,
    role: str,
    group: str,
    grouping: str,
    start: int | None,
    end: int | None,
    remove: bool,
    replace: bool,
    with_grades: bool,
) -> int:
    """Enrol the people of FILE into the courses that it names (or --course); its format is recognised and told."""
    from greffe.commands.enrol import Wishes
    from greffe.commands.enrol import enrol as command
    from greffe.intake.wants import Wants

    wishes = Wishes(
        method=method, course=course, role=role, group=group, grouping=grouping, start=start, end=end,
        remove=remove, replace=replace, with_grades=with_grades,
    )  # fmt: skip

    def do(config: Config, file: Batchfile, asked: Asked) -> Batched:
        return command(config, file, wishes, asked, shell.watcher())

    # a list of people alone is one only for a course that the command names
    wants = {Wants.PEOPLE, Wants.ONE_COURSE} if course else {Wants.PEOPLE}
    return carry_file(shell, choices, reading, wants, do)
