"""The commands around a site: init, doctor, sql."""

from __future__ import annotations

from pathlib import Path

import click

from greffe.cli import exits
from greffe.cli.shell import A_FILE, Examples, Shell, anonymise_option, json_option
from greffe.cli.sites import all_options, run_all
from greffe.errors import Exit


@click.command(
    cls=Examples,
    short_help="Write a commented greffe.toml.",
    examples="""
        greffe init
        greffe -c ecampus.toml init --config-php /var/www/moodle/config.php
        greffe init --config-php /var/www/moodle/config.php --from-enrol-database
        greffe init --out /etc/greffe/ecampus.toml
    """,
    exits=exits.table(Exit.DONE, Exit.USAGE, Exit.DATABASE, Exit.REFUSED),
)
@click.option(
    "--config-php",
    type=A_FILE,
    metavar="PATH",
    help="Moodle's config.php; it is read, never run.",
)
@click.option(
    "--from-enrol-database",
    is_flag=True,
    help="Turn the site's External-database settings into feed and rule.",
)
@click.option("--out", metavar="FILE", help="Where to write it. Default: the file of -c.")
@json_option
@click.pass_obj
def init(shell: Shell, config_php: Path | None, from_enrol_database: bool, out: str | None) -> int:
    """Write a commented greffe.toml; a file that is there is never overwritten."""
    from greffe.commands.init import init as command
    from greffe.report.texts import visible

    target = out or shell.config_file
    notes = command(target, config_php, from_enrol_database=from_enrol_database)
    if shell.json:
        shell.give({"file": target, "notes": notes})
        return Exit.DONE
    shell.say(f"{visible(target)} is written.")
    for note in notes:
        shell.say(f"• {visible(note)}")
    shell.say("→ Fill in what is commented out, then run `greffe doctor`.")
    return Exit.DONE


@click.command(
    cls=Examples,
    short_help="List everything that would stop a night.",
    examples="""
        greffe doctor
        greffe -c ecampus.toml doctor --json
        greffe doctor --anonymise
        greffe doctor --all
    """,
    exits=exits.table(Exit.DONE, Exit.PARTIAL, Exit.NOT_READY, Exit.USAGE, Exit.REFUSED) + exits.OF_ALL,
)
@all_options
@anonymise_option
@json_option
@click.pass_obj
def doctor(shell: Shell, every: bool, directory: Path) -> int:
    """List everything that would stop a night, each with what to do. --all: in a line for each site."""
    if every:
        return run_all(shell, directory, "doctor")
    from greffe.commands.doctor import doctor as command

    found = shell.veiled(command(shell.config()))
    stops = sum(f.severity == "stop" for f in found)
    seen = {f.severity for f in found}
    ends = (("stop", Exit.NOT_READY), ("bad", Exit.PARTIAL), ("refused", Exit.REFUSED))
    code = next((code for severity, code in ends if severity in seen), Exit.DONE)
    if shell.json:
        shell.give({"ready": not stops, "exit": int(code), "findings": found})
    else:
        from greffe.report import terminal

        terminal.findings(shell.out(), found)
    return code


@click.command(
    cls=Examples,
    short_help="Print a statement as it will run on this site.",
    examples="""
        greffe sql
        greffe sql enrolments_now
        greffe sql add_enrolments --json
        greffe sql apogee/ia
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
