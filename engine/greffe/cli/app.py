"""``greffe``: the group of all commands."""

from __future__ import annotations

from importlib import import_module
from typing import cast

import click

from greffe import __version__
from greffe.cli import exits
from greffe.cli.advise import advise
from greffe.cli.audit import audit, grants
from greffe.cli.enrol import convert, enrol, renew
from greffe.cli.install import completion, manual, setup
from greffe.cli.lists import lists
from greffe.cli.mail import mail, summary
from greffe.cli.message import message, messages
from greffe.cli.methods import cohorts, methods, rollover
from greffe.cli.night import apply, approve, nightly, plan, release, undo
from greffe.cli.past import history, runs, show
from greffe.cli.people import participants
from greffe.cli.plugin import plugin
from greffe.cli.prune import prune
from greffe.cli.shell import Shell
from greffe.cli.site import doctor, init, sql
from greffe.cli.upkeep import backup, migrate, restore
from greffe.cli.watch import health
from greffe.cli.why import why, why_not
from greffe.logs import FORMATS, start

_ORDER = (
    setup,
    init,
    doctor,
    plan,
    apply,
    nightly,
    methods,
    cohorts,
    rollover,
    enrol,
    renew,
    convert,
    advise,
    approve,
    undo,
    release,
    runs,
    show,
    participants,
    lists,
    why,
    why_not,
    history,
    message,
    messages,
    health,
    summary,
    mail,
    audit,
    grants,
    prune,
    plugin,
    backup,
    restore,
    migrate,
    sql,
    completion,
    manual,
)
_LATE = {"demo": ("greffe.demo.command", "demo")}  # a room above this one: found by name, at run time


class UnreadError(Exception):
    """Whoever read the output has gone."""


class Ordered(click.Group):
    """Commands in the order in which one meets them."""

    def invoke(self, context: click.Context) -> object:
        """A command; UnreadError where nobody reads on, since click would end the process with exit code 1."""
        try:
            return super().invoke(context)
        except BrokenPipeError as e:
            raise UnreadError from e

    def list_commands(self, _context: click.Context) -> list[str]:
        """Names, in that order."""
        return [*(str(c.name) for c in _ORDER), *_LATE]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """A command by its name."""
        if name in _LATE:
            module, attribute = _LATE[name]
            return cast("click.Command", getattr(import_module(module), attribute))
        return super().get_command(context, name)

    def format_epilog(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of exit codes."""
        with formatter.section("Exit codes"):
            for line in f"{exits.table()}{exits.WINS}".splitlines():
                formatter.write(f"{'':{formatter.current_indent}}{line}\n")
        with formatter.section("Examples"):
            for line in (
                "greffe demo",
                "greffe -c ecampus.toml plan",
                "greffe -c ecampus.toml nightly --json",
            ):
                formatter.write(f"{'':{formatter.current_indent}}{line}\n")


@click.group(cls=Ordered, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "-c", "--config", metavar="FILE", envvar="GREFFE_CONFIG", default="greffe.toml", show_default=True,
    show_envvar=True, help="The site's configuration: one file per Moodle.",
)  # fmt: skip
@click.option(
    "--log",
    type=click.Choice(FORMATS),
    help="Write lines about what is done to stderr, or as [log] says; journald: to the journal.",
)
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.version_option(__version__, "-V", "--version", message="greffe %(version)s")
@click.pass_context
def app(context: click.Context, config: str, log: str | None, debug: bool) -> None:
    """Keep who belongs in which Moodle course in step with the university's student records."""
    shell = context.ensure_object(Shell)
    shell.config_file, shell.debug, shell.log = config, debug, log
    start(log)


for _command in _ORDER:
    app.add_command(_command)
