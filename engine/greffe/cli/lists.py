"""The lists that people ask for most: list students, list courses, list cohort, list no-method, list promotion."""

from __future__ import annotations

from pathlib import Path

import click

from greffe.cli import exits
from greffe.cli.listing import give_list, list_options
from greffe.cli.people import participants
from greffe.cli.shell import Examples, Shell
from greffe.errors import Exit

_CODES = exits.table(Exit.DONE, Exit.USAGE, Exit.DATABASE)


class _OfACourse(Examples):
    """Who asks it for a filter or an order is told which command has them."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """UsageError names `greffe participants` where that knows the option, and what it takes."""
        try:
            return super().parse_args(context, args)
        except click.NoSuchOption as e:
            known = next((p for p in participants.params if e.option_name in p.opts), None)
            if known is None:
                raise
            takes = f" {'|'.join(known.type.choices)}" if isinstance(known.type, click.Choice) else ""
            raise click.UsageError(
                f"{e.message} `greffe participants COURSE` has it: {e.option_name}{takes}", context
            ) from None


@click.group("list", short_help="The lists people ask for: students, courses, cohorts.")
def lists() -> None:
    """The lists that people ask for, as a table, a spreadsheet or a page to send. Nothing is written to Moodle."""


@lists.command(
    cls=_OfACourse,
    short_help="The students of a course.",
    examples="""
        greffe list students DRT101
        greffe list students DRT101 --out drt101.html --language fr
    """,
    exits=_CODES,
)
@click.argument("course")
@list_options
@click.pass_obj
def students(shell: Shell, course: str, out: Path | None, spoken: str) -> int:
    """The students of COURSE (shortname, idnumber or id): groups, status, method, last access. For everybody else in it, and
    for more of each, sorted and filtered: `greffe participants`."""
    from greffe.commands import lists as command

    return give_list(shell, command.students(shell.config({"--out": out}), course, spoken), out, spoken)


@lists.command(
    cls=Examples,
    short_help="The courses of one person.",
    examples="""
        greffe list courses 22012345
        greffe list courses 22012345 --out durand.html --language fr
        greffe list courses jmartin --json
    """,
    exits=_CODES,
)
@click.argument("person")
@list_options
@click.pass_obj
def courses(shell: Shell, person: str, out: Path | None, spoken: str) -> int:
    """What PERSON (idnumber, username or id) is enrolled in: method, role, groups, status, dates, last access."""
    from greffe.commands import lists as command

    return give_list(shell, command.courses(shell.config({"--out": out}), person, spoken), out, spoken)


@lists.command(
    cls=Examples,
    short_help="The members of a cohort, with the courses that it opens.",
    examples="""
        greffe list cohort L1MED-2026
        greffe list cohort L1MED-2026 --out l1.xlsx
    """,
    exits=_CODES,
)
@click.argument("idnumber")
@list_options
@click.pass_obj
def cohort(shell: Shell, idnumber: str, out: Path | None, spoken: str) -> int:
    """The members of the cohort IDNUMBER: since when, how many of the courses that it opens let them in, and which do not
    yet."""
    from greffe.commands import lists as command

    return give_list(shell, command.cohort(shell.config({"--out": out}), idnumber), out, spoken)


@lists.command(
    "no-method",
    cls=Examples,
    short_help="Courses without any usable method, and why.",
    examples="""
        greffe list no-method
        greffe list no-method --out to-open.ods
    """,
    exits=_CODES,
)
@list_options
@click.pass_obj
def no_method(shell: Shell, out: Path | None, spoken: str) -> int:
    """Courses that no method leads into: they have none, all are switched off, or the plugin is off or gone."""
    from greffe.commands import lists as command

    return give_list(shell, command.no_method(shell.config({"--out": out})), out, spoken)


@lists.command(
    cls=Examples,
    short_help="A cohort beside courses: who is in one and not in the other.",
    examples="""
        greffe list promotion L1MED-2026
        greffe list promotion L1MED-2026 MED1-ANAT MED1-PHYS --out difference.xlsx
    """,
    exits=_CODES,
)
@click.argument("idnumber")
@click.argument("course", nargs=-1)
@list_options
@click.pass_obj
def promotion(shell: Shell, idnumber: str, course: tuple[str, ...], out: Path | None, spoken: str) -> int:
    """The cohort IDNUMBER beside each COURSE (shortname, idnumber or id); without any, beside those that it opens.

    Who is in the cohort but not in the course, who is in both but not active in the course, and who is in the course but not
    in the cohort; first how many of each. Where no course is named, people whom other cohorts bring into a shared one are only
    counted.
    """
    from greffe.commands import lists as command

    return give_list(
        shell, command.promotion(shell.config({"--out": out}), idnumber, course, spoken), out, spoken
    )
