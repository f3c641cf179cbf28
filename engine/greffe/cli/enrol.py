"""The commands around people in courses: enrol, renew, convert."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from greffe.cli.batchfile import (
    EXITS,
    Choices,
    Reading,
    carry,
    carry_file,
    choice_options,
    file_options,
    line_options,
)
from greffe.cli.moments import moment
from greffe.cli.shell import A_FILE, Examples, Shell
from greffe.errors import ArgumentError

if TYPE_CHECKING:
    from greffe.commands._file.batch import Asked, Batched
    from greffe.config import Config
    from greffe.intake.lines import Batchfile


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
@click.option(
    "--method",
    type=click.Choice(["manual", "self"]),
    default="manual",
    show_default=True,
    help="The enrolment method whose people they are.",
)
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
    file: Path,
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

    def do(config: Config, lines: Batchfile, asked: Asked) -> Batched:
        return command(config, lines, wishes, asked, shell.watcher())

    # a list of people alone is one only for a course that the command names
    wants = {Wants.PEOPLE, Wants.ONE_COURSE} if course else {Wants.PEOPLE}
    return carry_file(shell, choices, file, reading, wants, do, course=course)


category_option = click.option(
    "--category",
    "categories",
    multiple=True,
    metavar="NAME",
    help="All courses of this category and of those below it: idnumber, name or id.",
)


@click.command(
    cls=Examples,
    short_help="Extend or re-open manual and self enrolments.",
    examples="""
        greffe renew DRT101 DRT102 --end 2027-06-30
        greffe renew --category L1DRT --method self --end 2027-08-31 --reactivate
        greffe renew --category L1DRT --method self --period 180 --dry-run
        greffe renew DRT101 --end none --role teacher --yes
    """,
    exits=EXITS,
)
@click.argument("courses", nargs=-1, metavar="COURSE...")
@category_option
@click.option("--method", type=click.Choice(["manual", "self"]), help="Only this method; default: both.")
@click.option(
    "--end", callback=moment, metavar="DATE", help=f"Until when: {_WHEN} (for ever). Nobody's time is cut."
)
@click.option(
    "--period",
    type=click.IntRange(min=0),
    metavar="DAYS",
    help="How long new enrolments by the method last; 0: for ever.",
)
@click.option("--reactivate", is_flag=True, help="Make those active again who are suspended.")
@click.option("--role", default="", metavar="SHORTNAME", help="Only people who hold this role by hand.")
@choice_options
def renew(
    shell: Shell,
    choices: Choices,
    courses: tuple[str, ...],
    categories: tuple[str, ...],
    method: str | None,
    end: int | None,
    period: int | None,
    reactivate: bool,
    role: str,
) -> int:
    """Extend or re-open the manual and self enrolments of these courses (shortname, idnumber or id)."""
    from greffe.commands.renew import Renewal
    from greffe.commands.renew import renew as command

    wishes = Renewal(
        courses=courses, categories=categories, method=method or "", end=end,
        period=None if period is None else period * 86_400, reactivate=reactivate, role=role,
    )  # fmt: skip
    return carry(shell, choices, lambda config, asked: command(config, wishes, asked, shell.watcher()))


@click.command(
    cls=Examples,
    short_help="Keep automatic enrolments as manual ones.",
    examples="""
        greffe convert --from database --to manual DRT101 --leavers
        greffe convert --from database --to manual --category L1DRT --people staying.csv --skip-refused
        greffe convert --from cohort --to manual DRT101 --dry-run
    """,
    exits=EXITS,
)
@click.argument("courses", nargs=-1, metavar="COURSE...")
@click.option(
    "--from",
    "source",
    type=click.Choice(["database", "cohort", "meta"]),
    required=True,
    help="What brought them there.",
)
@click.option("--to", "target", type=click.Choice(["manual"]), required=True, help="By what they stay.")
@category_option
@click.option("--leavers", is_flag=True, help="Only those whom the automatic method has suspended.")
@click.option(
    "--people",
    type=A_FILE,
    metavar="FILE",
    help="Only the people of this file.",
)
@line_options
def convert(
    shell: Shell,
    choices: Choices,
    courses: tuple[str, ...],
    source: str,
    target: str,  # noqa: ARG001 - said, so that nobody has to guess
    categories: tuple[str, ...],
    leavers: bool,
    people: Path | None,
    reading: Reading,
) -> int:
    """Give people whom a method brought into these courses a manual enrolment too: same role, same times, same groups."""
    from greffe.commands.convert import Conversion
    from greffe.commands.convert import convert as command
    from greffe.intake.wants import Wants

    wishes = Conversion(method=source, courses=courses, categories=categories, leavers=leavers)
    if people is None:
        if choices.of_lines or reading != Reading():
            raise ArgumentError(
                "how a file is read, and what becomes of its lines, is said of a file that is not there",
                todo="Name it with --people FILE.",
            )
        return carry(
            shell, choices, lambda config, asked: command(config, wishes, asked, watcher=shell.watcher())
        )

    def do(config: Config, lines: Batchfile, asked: Asked) -> Batched:
        return command(config, wishes, asked, lines, shell.watcher())

    return carry_file(shell, choices, people, reading, {Wants.PEOPLE, Wants.ONE_COURSE}, do)
