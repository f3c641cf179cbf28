"""Who is where: participants."""

from __future__ import annotations

from pathlib import Path

import click

from greffe.cli import exits
from greffe.cli.listing import give_list, list_options
from greffe.cli.moments import duration
from greffe.cli.shell import Examples, Shell
from greffe.errors import Exit
from greffe.view.asked import SORTS, STATUSES, Asked


def _inactive(_context: click.Context, _parameter: click.Parameter, value: str | None) -> int | None:
    return None if value is None else 0 if value == "never" else duration(value)


class _Status(click.Choice[str]):
    """A status by its code, or by the word that a list has for it."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The code."""
        from greffe.report.lists.texts import WORDS
        from greffe.rules.text import fold

        codes = {fold(word): code for code, words in WORDS["status"].items() for word in (code, *words)}
        return super().convert(codes.get(fold(value), value), param, ctx)


@click.command(
    cls=Examples,
    short_help="List who is in a course, as Moodle shows it.",
    examples="""
        greffe participants DRT101
        greffe participants DRT101 --sort last-access
        greffe participants DRT101 --role student --status suspended --out suspended.xlsx
        greffe participants DRT101 DRT102 --inactive-for 30d --language fr --out absents.csv
        greffe participants --category DROIT --method cohort --json
        greffe participants DRT101 --role none --group none
    """,
    exits=exits.table(Exit.DONE, Exit.USAGE, Exit.DATABASE, Exit.INTERRUPTED),
)
@click.argument("courses", nargs=-1, metavar="[COURSE]...")
@click.option(
    "--category", "categories", multiple=True, metavar="NAME",
    help="All courses of a category and of those below it: path, id, idnumber or name.",
)  # fmt: skip
@click.option("--sort", type=click.Choice(SORTS), default="name", show_default=True, help="By what.")
@click.option(
    "--descending",
    is_flag=True,
    help="The other way round; people who are equal stay in order of their names.",
)
@click.option(
    "--order", "order", type=click.Choice(("french", "moodle")), default="french", show_default=True,
    help="Of texts: as French readers expect, or as this site's database has it, and so Moodle's page.",
)  # fmt: skip
@click.option(
    "--role", "roles", multiple=True, metavar="NAME",
    help="Who holds it, in the course or above: shortname, or the course's own name for it; `none`: who holds none.",
)  # fmt: skip
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=_Status(STATUSES),
    help="Who has an enrolment that is so.",
)
@click.option(
    "--group", "groups", multiple=True, metavar="NAME", help="Who is in it; `none`: who is in no group."
)
@click.option(
    "--method", "methods", multiple=True, metavar="NAME",
    help="Whom it lets in: manual, cohort, database …, or the name of one; with --status, that enrolment is so.",
)  # fmt: skip
@click.option(
    "--inactive-for", "inactive", metavar="30d|never", callback=_inactive,
    help="Who has not come to the course for so long (who never came included), or never.",
)  # fmt: skip
@list_options
@click.pass_obj
def participants(
    shell: Shell, courses: tuple[str, ...], categories: tuple[str, ...], sort: str, descending: bool, order: str,
    roles: tuple[str, ...], statuses: tuple[str, ...], groups: tuple[str, ...], methods: tuple[str, ...],
    inactive: int | None, out: Path | None, spoken: str,
) -> int:  # fmt: skip
    """List the participants of each COURSE (shortname, idnumber or id): names, roles, groups, last access and status as
    Moodle's own page shows them to an administrator, and by which method, from when until when, enrolled when, and by which
    run of Greffe.

    Each of several values of one filter will do; filters narrow each other. Nothing is written to Moodle.
    """
    from greffe.commands.participants import participants as command
    from greffe.report.lists.participants import show

    asked = Asked(
        sort=sort, descending=descending, as_moodle=order == "moodle", roles=roles, statuses=statuses, groups=groups,
        methods=methods, inactive=inactive, language=spoken,
    )  # fmt: skip
    listing = command(shell.config({"--out": out}), courses, categories, asked)
    return give_list(shell, listing, out, spoken, table=show)
