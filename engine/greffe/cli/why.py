"""What people ask about one person: why, why-not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from greffe.cli import exits
from greffe.cli.shell import Examples, Shell, anonymise_option, json_option, limit_option
from greffe.errors import Exit

if TYPE_CHECKING:
    from greffe.view.chain import Explanation

_EXITS = exits.table(Exit.DONE, Exit.USAGE, Exit.DATABASE)


@click.command(
    cls=Examples,
    short_help="Tell why a person is in a course, or is not.",
    examples="""
        greffe why 22012345
        greffe why 22012345 DRT101
        greffe why jmartin DRT101 --json
        greffe why jmartin DRT101 --anonymise
    """,
    exits=_EXITS,
)
@click.argument("person")
@click.argument("course", required=False)
@limit_option("How many ways are shown.")
@anonymise_option
@json_option
@click.pass_obj
def why(shell: Shell, person: str, course: str | None, limit: int) -> int:
    """Tell why PERSON is in COURSE, or is not: the line of the feed, its rule, cohort, method, enrolment, role and group, each with
    its row; where the chain breaks, what would mend it. Without COURSE: all courses and cohorts, a line each.

    PERSON: idnumber, username or id, or as a feed names somebody without an account. COURSE: shortname, idnumber or id, or a
    feed's code that is no course's. It reads the feeds as they are now and makes tonight's plan: it takes as long as
    `greffe plan`, and writes nothing.
    """
    from greffe.commands.why import why as command

    return _answer(shell, command(shell.config(), person, course, shell.watcher()), limit)


@click.command(
    "why-not",
    cls=Examples,
    short_help="Tell what is missing for a person to be in a course.",
    examples="""
        greffe why-not 22012345 DRT101
        greffe why-not 22012345 DRT101 --json
    """,
    exits=_EXITS,
)
@click.argument("person")
@click.argument("course")
@limit_option("How many ways are shown.")
@anonymise_option
@json_option
@click.pass_obj
def why_not(shell: Shell, person: str, course: str, limit: int) -> int:
    """Tell why PERSON is not in COURSE: every way that leads into it (rules, cohorts, parent courses, by hand), and for each the
    link that is missing and what would mend it, the most likely first."""
    from greffe.commands.why import why_not as command

    return _answer(shell, command(shell.config(), person, course, shell.watcher()), limit)


def _answer(shell: Shell, found: Explanation, limit: int) -> int:
    """Whatever the answer is, it is one: exit code 0."""
    from greffe.report.why import show
    from greffe.view.chain import without_ids

    found = shell.veiled(without_ids(found) if shell.anonymise else found)
    if shell.json:
        shell.give(found)
    else:
        show(shell.out(), found, limit)
    return Exit.DONE
