"""What monitoring calls: health."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from greffe.cli.moments import duration
from greffe.cli.shell import A_FILE, Command, Examples, Shell, json_option
from greffe.cli.sites import all_options

if TYPE_CHECKING:
    from greffe.report.health import Health, Limits

_EXITS = """
    0   all is well
    1   somebody should look (WARNING)
    2   somebody must look (CRITICAL), or wrong usage
    3   it cannot be told (UNKNOWN): the database does not answer, the configuration is wrong
"""


def _within(name: str, default: str, what: str) -> Callable[[Command], Command]:
    return click.option(
        name, type=duration, metavar="DURATION", default=default, show_default=True, help=what
    )


@click.command(
    cls=Examples,
    short_help="Tell monitoring how the register is: Nagios, Prometheus, JSON.",
    examples="""
        greffe health
        greffe health --night 30h --json
        greffe health --prometheus /var/lib/prometheus/node-exporter/greffe.prom
        greffe health --all --prometheus /var/lib/prometheus/node-exporter/greffe.prom
    """,
    exits=_EXITS,
)
@_within("--night", "26h", "How old the last good night may be.")
@_within("--feeds", "48h", "How old a feed may be; a longer max_age of its own counts, plus a day.")
@_within("--relay", "1h", "How long a change may wait for Moodle to be told.")
@click.option(
    "--prometheus", "file", metavar="FILE", type=A_FILE,
    help="Write the metrics there, for the node exporter's textfile collector.",
)  # fmt: skip
@all_options
@json_option
@click.pass_obj
def health(
    shell: Shell, night: int, feeds: int, relay: int, file: Path | None, every: bool, directory: Path
) -> int:
    """Tell how the register is, in a line with performance data and a line for each check; with the exit codes of Nagios.

    Works without the plugin, whose own checks are the same. Reads a few rows, and writes nothing but FILE. --all: every site
    in turn; the exit code is the gravest.
    """
    from greffe.commands.sites import sites
    from greffe.errors import GreffeError
    from greffe.report.health import Limits, Status, lines

    limits = Limits(night=night, feeds=feeds, relay=relay)
    try:
        files = [str(path) for path in sites(directory)] if every else [shell.config_file]
    except GreffeError as e:
        shell.complain(e)
        return Status.UNKNOWN
    found = {Path(path).stem: _look(shell, path, limits) for path in files}
    if file is not None:
        from greffe.report.metrics import write

        write(found, file)
    if shell.json:
        shell.give(found if every else next(iter(found.values())))
    else:
        for name, one in found.items():
            for line in lines(one):
                shell.say(f"{name}: {line}" if every else line)
    return int(max((one.status for one in found.values()), key=lambda status: status.gravity))


def _look(shell: Shell, path: str, limits: Limits) -> Health:
    from greffe.commands.health import health as command
    from greffe.commands.health import unknown
    from greffe.errors import GreffeError

    shell.config_file = path
    try:
        return command(shell.config(), limits)
    except GreffeError as e:
        return unknown(e, limits)
