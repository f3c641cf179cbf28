"""What was run, and what it changed: runs, show, history."""

from __future__ import annotations

import click

from greffe.cli import exits
from greffe.cli.shell import (
    Examples,
    Shell,
    anonymise_option,
    cohort_option,
    countable,
    course_option,
    json_option,
    limit_option,
    person_option,
)
from greffe.errors import Exit

_LIMITS = 20
"""Limits that `show` lists at least, however few changes are asked for."""


@click.command(
    cls=Examples,
    short_help="List the latest runs: when, what, how they ended.",
    examples="""
        greffe runs
        greffe runs --limit 100 --json
    """,
    exits=exits.table(Exit.DONE, Exit.USAGE, Exit.DATABASE),
)
@limit_option("How many, newest first.")
@anonymise_option
@json_option
@click.pass_obj
def runs(shell: Shell, limit: int) -> int:
    """List the latest runs: when, what, how it ended, the digest of its plan."""
    from msgspec import structs

    from greffe.commands.runs import runs as command

    found = shell.veiled(command(shell.config(), limit))
    if shell.json:
        # a run that was held can have reached hundreds of limits: `show` lists them
        shell.give([{**structs.asdict(r), "verdicts": len(r.verdicts)} for r in found])
    elif not found:
        shell.say("Greffe has not run on this site yet.")
    else:
        from greffe.report import terminal

        terminal.runs(shell.out(), found)
    return Exit.DONE


@click.command(
    cls=Examples,
    short_help="Show one run: figures, feeds, guards, and its changes.",
    examples="""
        greffe show 41
        greffe show 41 --course DRT101
        greffe show 41 --cohort L1MED-2026
        greffe show 41 --person 22012345 --json
        greffe show 41 --limit 50 --from 1001
        greffe show 41 --anonymise
    """,
    exits=exits.table(Exit.DONE, Exit.USAGE, Exit.DATABASE),
)
@click.argument("run", type=click.IntRange(min=1))
@course_option
@cohort_option
@person_option
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    help="How many changes, and limits that were reached.",
    callback=countable,
)
@click.option(
    "--from",
    "first",
    type=click.IntRange(min=1),
    default=1,
    help="Begin at this change (1: the first).",
    callback=countable,
)
@anonymise_option
@json_option
@click.pass_obj
def show(
    shell: Shell, run: int, course: str | None, cohort: str | None, person: str | None, limit: int, first: int
) -> int:
    """Show one RUN: its figures, its feeds, what the guards said, and its changes, page by page. Of a run that is held: what it
    planned, and how to let it pass."""
    from greffe.commands.recounting import recount

    account = recount(
        shell.config(), run, course=course, cohort=cohort, person=person, limit=limit, first=first
    )
    account = shell.veiled(account)
    if shell.json:
        shell.give(account)
    else:
        from greffe.report import account as report

        report.show(shell.out(), account, config_file=shell.config_file, limit=max(limit, _LIMITS))
    return Exit.DONE


@click.command(
    cls=Examples,
    short_help="Tell what changed for a course, a person, a cohort.",
    examples="""
        greffe history DRT101
        greffe history 22012345 --limit 100
        greffe history --person 22012345 --course DRT101
        greffe history --cohort L1MED-2026 --before 4711 --json
        greffe history 22012345 --anonymise
    """,
    exits=exits.table(Exit.DONE, Exit.USAGE, Exit.DATABASE),
)
@click.argument("name", required=False)
@click.option("--course", metavar="NAME", help="This course: shortname, idnumber or id.")
@click.option("--person", metavar="WHO", help="This person: idnumber, username or id.")
@click.option("--cohort", metavar="IDNUMBER", help="This cohort: idnumber or id.")
@click.option("--before", type=click.IntRange(min=1), default=None, help="Only changes before this one.")
@limit_option("How many changes.")
@anonymise_option
@json_option
@click.pass_obj
def history(
    shell: Shell,
    name: str | None,
    course: str | None,
    person: str | None,
    cohort: str | None,
    before: int | None,
    limit: int,
) -> int:
    """Tell what changed, when, by which run, from what to what, newest first. NAME: a course, a person or a cohort; where it is
    the name of two of them, the options say which. A person and a course together: what changed there for that person."""
    from greffe.commands.history import history as command
    from greffe.report.past import show as show_past

    past = command(
        shell.config(), name, course=course, cohort=cohort, person=person, limit=limit, before=before or 0
    )
    past = shell.veiled(past)
    if shell.json:
        shell.give(past)
    else:
        show_past(shell.out(), past)
    return Exit.DONE
