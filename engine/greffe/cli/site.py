"""The commands around a site: sql."""

from __future__ import annotations

import click

from greffe.cli import exits
from greffe.cli.shell import Examples, Shell, json_option
from greffe.errors import Exit


@click.command(
    cls=Examples,
    examples="""
        greffe sql
        greffe sql enrolments_now
        greffe sql add_enrolments --json
    """,
    exits=exits.table(Exit.DONE, Exit.USAGE),
)
@click.argument("name", required=False)
@json_option
@click.pass_obj
def sql(shell: Shell, name: str | None) -> int:
    """Print the statement NAME as it will run on this site; without NAME, list them all. No connection is made."""
    from greffe.commands import sql as command

    config = shell.config()
    if name is not None:
        text = command.sql(config, name)
        if shell.json:
            shell.give({"name": name, "sql": text})
        else:
            shell.say(text)
        return Exit.DONE
    found = command.names(config)
    if shell.json:
        shell.give([{"name": s.name, "about": s.about} for s in found])
    else:
        from greffe.report.terminal import listing

        rows = [(s.name, s.about.partition("\n")[0]) for s in found]
        listing(shell.out(), "", ["statement", "what it does"], rows)
    return Exit.DONE
