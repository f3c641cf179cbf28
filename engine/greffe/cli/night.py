"""The commands around a night: plan, apply, nightly, approve, undo, release."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from greffe.cli import exits
from greffe.cli.document import keep, show
from greffe.cli.moments import duration
from greffe.cli.shell import (
    A_FILE,
    Examples,
    Shell,
    anonymise_option,
    cohort_option,
    course_option,
    json_option,
    limit_option,
    person_option,
    yes_option,
)
from greffe.cli.sites import all_options, parallel_option, run_all
from greffe.errors import Exit, GreffeError

if TYPE_CHECKING:
    from greffe.config import Config
    from greffe.report.document import Document


@click.command(
    cls=Examples,
    examples="""
        greffe plan
        greffe plan --course DRT101 --limit 100
        greffe plan --cohort L1MED-2026
        greffe plan --person 22012345
        greffe plan --out tonight.plan
        greffe plan --json | jq .counts
        greffe plan --anonymise
    """,
    exits=exits.table(
        Exit.DONE, Exit.CHANGES_PENDING, Exit.HELD, Exit.PARTIAL, Exit.REFUSED, Exit.USAGE, Exit.DATABASE
    )
    + exits.WINS,
)
@click.option(
    "--out",
    type=A_FILE,
    metavar="FILE",
    help="Write the plan for `greffe apply`.",
)
@course_option
@cohort_option
@person_option
@limit_option()
@anonymise_option
@json_option
@click.pass_obj
def plan(
    shell: Shell, out: Path | None, course: str | None, cohort: str | None, person: str | None, limit: int
) -> int:
    """Show what tonight would do; nothing is written to Moodle."""
    from greffe.commands.plan import plan as command
    from greffe.commands.reporting import of_plan

    night = command(
        shell.config({"--out": out}),
        course=course,
        cohort=cohort,
        person=person,
        out=out,
        watcher=shell.watcher(),
    )
    document = of_plan(night, course=course, cohort=cohort, person=person)
    document.plan_file = str(out or "")
    return show(shell, document, limit)


@click.command(
    cls=Examples,
    short_help="Make exactly the changes of a plan file, or none.",
    examples="""
        greffe plan --out tonight.plan
        greffe apply tonight.plan
    """,
    exits=exits.table(
        Exit.DONE, Exit.HELD, Exit.REFUSED, Exit.STALE, Exit.NOT_READY, Exit.DATABASE, Exit.INTERRUPTED
    ),
)
@click.argument("planfile", type=A_FILE)
@limit_option()
@anonymise_option
@json_option
@click.pass_obj
def apply(shell: Shell, planfile: Path, limit: int) -> int:
    """Make exactly the changes of PLANFILE, or none if the site has moved since."""
    from greffe.commands.apply import apply as command
    from greffe.commands.reporting import of_result
    from greffe.plan.plan import read

    result = command(shell.config(), planfile, shell.watcher())
    return show(shell, of_result(result, "apply", read(planfile)), limit)


@click.command(
    cls=Examples,
    short_help="Plan, judge, write, report: the timer's command.",
    examples="""
        greffe nightly
        greffe -c /etc/greffe/ecampus.toml nightly --json
        greffe nightly --all
        greffe nightly --all --directory /etc/greffe --parallel 2
    """,
    exits=exits.table(
        Exit.DONE, Exit.HELD, Exit.PARTIAL, Exit.NOT_READY, Exit.DATABASE, Exit.INTERRUPTED, Exit.REFUSED
    )
    + exits.WINS
    + exits.OF_ALL,
)
@all_options
@parallel_option
@limit_option()
@anonymise_option
@json_option
@click.pass_obj
def nightly(shell: Shell, every: bool, directory: Path, parallel: int, limit: int) -> int:
    """Plan, let the guards judge, write, report: what the timer runs every night.

    Who is to hear of how it ended stands in [mail] and [webhook]. --all: each site in a process of its own; one that fails
    stops no other.
    """
    if every:
        return run_all(shell, directory, "nightly", parallel)
    from greffe.commands.nightly import nightly as command
    from greffe.commands.reporting import of_result
    from greffe.commands.telling import telling

    with telling(shell.config_file, shell.warn) as night:
        config = shell.config()
        document = of_result(command(config, shell.watcher()))
        document.config_file = shell.config_file
        if config.retention.nightly:
            _prune(shell, config, document)
        keep(shell, config, document)
        night.ended(config, document)
    return show(shell, document, limit)


@click.command(
    cls=Examples,
    short_help="Let a held plan pass, once somebody has looked at it.",
    examples="""
        greffe approve 3f9c2ab81d07 --by "A. Martin"
        greffe approve 3f9c2ab81d07 --by "A. Martin" --expires 2h
    """,
    exits=exits.table(Exit.DONE, Exit.USAGE, Exit.DATABASE),
)
@click.argument("digest")
@click.option("--by", metavar="NAME", help="Who approves; default: who runs this command.")
@click.option(
    "--expires",
    type=duration,
    metavar="TIME",
    help="How long it holds: 30m, 24h, 2d; default: [guards] approval_expires.",
)
@json_option
@click.pass_obj
def approve(shell: Shell, digest: str, by: str | None, expires: int | None) -> int:
    """Let the held plan with this DIGEST (its first 8 characters or more) pass, once somebody has looked at it."""
    from greffe.commands.approve import approve as command

    approval = command(shell.config(), digest, by=by, expires=expires)
    if shell.json:
        shell.give(approval)
    else:
        from greffe.report.texts import command_line, moment, visible

        until = moment(approval.expires)
        shell.say(
            f"Plan {approval.digest[:12]} of run {approval.run} is approved by {visible(approval.operator)} until {until}."
        )
        kinds = {
            "undo": f"undo {approval.undoes}",
            "methods": "methods sync",
            "rollover": "rollover --from … --to …",
            "batch": "…",
        }
        words = kinds.get(approval.kind, "nightly")
        again = visible(command_line(shell.config_file, words))
        which = "same" if approval.kind in ("rollover", "batch") else "next"
        shell.say(f"The {which} `{again}` makes it, if it is still exactly this plan.")
    return Exit.DONE


@click.command(
    cls=Examples,
    short_help="Take back a run, or its part for one course, cohort or person.",
    examples="""
        greffe undo 41 --dry-run
        greffe undo 41
        greffe undo 41 --course DRT101 --yes
        greffe undo 41 --cohort L1MED-2026
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
@click.argument("run", type=click.IntRange(min=1))
@course_option
@cohort_option
@person_option
@click.option("--dry-run", is_flag=True, help="Show what would be taken back, and stop.")
@yes_option
@limit_option()
@anonymise_option
@json_option
@click.pass_obj
def undo(
    shell: Shell,
    run: int,
    course: str | None,
    cohort: str | None,
    person: str | None,
    dry_run: bool,
    yes: bool,
    limit: int,
) -> int:
    """Take back RUN, or its part for one course, cohort or person; rows that were changed since are refused and listed."""
    from greffe.commands.reporting import of_undoing
    from greffe.commands.undo import undo as command

    config = shell.config()

    def undone(*, dry_run: bool) -> Document:
        watcher = shell.watcher()
        part = {"course": course, "cohort": cohort, "person": person}
        return of_undoing(command(config, run, **part, dry_run=dry_run, watcher=watcher))

    if not yes:
        proposed = undone(dry_run=True)
        if dry_run or not proposed.planned:
            return show(shell, proposed, limit)
        shell.must_ask()  # only now: first it is to be known whether there is such a run, and anything to take back
        show(shell, proposed, limit)
        if not click.confirm(f"Take run {run} back?", err=True):
            shell.say("Nothing was done.")
            return Exit.DONE
    return show(shell, undone(dry_run=dry_run), limit)


@click.command(
    cls=Examples,
    short_help="Give cohorts and methods back to hand care; their people stay.",
    examples="""
        greffe release L1MED-2026
        greffe release L1MED-2025 L2MED-2025
        greffe release --course DRT101
        greffe release --all --dry-run
        greffe release --all --yes
    """,
    exits=exits.table(
        Exit.DONE,
        Exit.CHANGES_PENDING,
        Exit.REFUSED,
        Exit.USAGE,
        Exit.NOT_READY,
        Exit.DATABASE,
        Exit.INTERRUPTED,
    ),
)
@click.argument("cohorts", nargs=-1, metavar="COHORT...")
@click.option(
    "--course", "courses", multiple=True, metavar="NAME", help="The methods that rules made in this course."
)
@click.option(
    "--all", "all_of_them", is_flag=True, help="Every cohort and method that is Greffe's; asks first."
)
@click.option("--dry-run", is_flag=True, help="Show what would be given back, and stop.")
@yes_option
@limit_option()
@anonymise_option
@json_option
@click.pass_obj
def release(
    shell: Shell,
    cohorts: tuple[str, ...],
    courses: tuple[str, ...],
    all_of_them: bool,
    dry_run: bool,
    yes: bool,
    limit: int,
) -> int:
    """Give cohorts (idnumber or id) and methods back to hand care: people stay, no night touches them any more."""
    from greffe.commands.release import propose
    from greffe.commands.release import release as command
    from greffe.commands.reporting import of_release, of_result

    asks = all_of_them and not yes and not dry_run
    if asks:
        shell.must_ask()
    config = shell.config()
    if dry_run or asks:
        proposed = of_release(propose(config, cohorts, courses=courses, all_of_them=all_of_them))
        code = show(shell, proposed, limit)
        if dry_run or not proposed.planned:
            return code
        if not click.confirm("Give all of these back?", err=True):
            shell.say("Nothing was done.")
            return Exit.DONE
    result, plan = command(config, cohorts, courses=courses, all_of_them=all_of_them, watcher=shell.watcher())
    return show(shell, of_result(result, "release", plan), limit)


def _prune(shell: Shell, config: Config, document: Document) -> None:
    """Take out what is too old; that it cannot be undoes nothing of what was done, and the next night goes on."""
    from greffe.commands.prune import prune
    from greffe.report.pruned import headline, notes

    try:
        pruning = prune(config, shell.watcher())
    except GreffeError as e:
        shell.warn(e)
        return
    if pruning.amount:
        document.notes += [headline(pruning), *notes(pruning)]
