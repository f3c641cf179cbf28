"""What a DBA asks: audit, grants."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from greffe.cli import exits
from greffe.cli.moments import duration
from greffe.cli.shell import A_FILE, Examples, Shell, anonymise_option, json_option, limit_option
from greffe.errors import Exit


@click.command(
    cls=Examples,
    short_help="Look for what should not be in Moodle's tables; read-only.",
    examples="""
        greffe audit
        greffe audit --list
        greffe audit --severity warning --html audits.html
        greffe audit --only duplicate_roles --only meta_loops --limit 100
        greffe -c replica.toml audit --no-record --at-once 4 --json
        greffe audit --fix-plan fixes.plan
        greffe audit --anonymise --html audits.html
        greffe sql duplicate_roles
    """,
    exits=exits.table(
        Exit.DONE, Exit.NOT_READY, Exit.DATABASE, Exit.INTERRUPTED, Exit.FOUND_WARNINGS, Exit.FOUND_ERRORS
    ),
)
@click.option("--only", multiple=True, metavar="NAME", help="Only this audit; may be repeated.")
@click.option(
    "--severity", type=click.Choice(("critical", "error", "warning", "info")), default="info", show_default=True,
    help="Only audits that are at least so grave.",
)  # fmt: skip
@limit_option("Findings shown of each audit.")
@click.option(
    "--time-limit", type=duration, metavar="DURATION", default="60s", show_default=True,
    help="How long one audit may take; the server ends it then.",
)  # fmt: skip
@click.option(
    "--at-once",
    type=click.IntRange(1, 16),
    default=2,
    show_default=True,
    help="Audits that run at the same time.",
)
@click.option("--no-record", is_flag=True, help="Keep nothing for the health page.")
@click.option(
    "--html", "file", metavar="FILE", type=A_FILE,
    help="Write a report there, readable by you only.",
)  # fmt: skip
@click.option(
    "--fix-plan", metavar="FILE", type=A_FILE,
    help="Write a plan of what can be mended safely there, for `greffe apply`.",
)  # fmt: skip
@click.option("--list", "listed", is_flag=True, help="Name the audits and end; no connection is made.")
@anonymise_option
@json_option
@click.pass_obj
def audit(
    shell: Shell, only: tuple[str, ...], severity: str, limit: int, time_limit: int, at_once: int, no_record: bool,
    file: Path | None, fix_plan: Path | None, listed: bool,
) -> int:  # fmt: skip
    """Look for what should not be in Moodle's tables: rows that lead nowhere, duplicates, methods out of step, drift.

    Each audit is one statement that `greffe sql NAME` prints, run in a read-only transaction; a replica will do. Findings are ids.
    What is found is kept for Moodle's health page and `greffe health`, unless the server is read-only.
    """
    from greffe.audit.catalogue import SEVERITIES
    from greffe.commands import audit as command

    least = next(s for s in SEVERITIES if s == severity)
    config = shell.config({"--html": file, "--fix-plan": fix_plan})
    if listed:
        found = command.available(config, only, least)
        if shell.json:
            shell.give(found)
        else:
            from greffe.report.terminal import listing

            rows = [(a.name, a.severity, a.about) for a in found]
            listing(shell.out(), "", ["audit", "severity", "what it finds"], rows)
        return Exit.DONE
    report = command.audit(
        config, only, least, examples=limit, seconds=time_limit, at_once=at_once, keep=not no_record,
        fix_plan=fix_plan, watcher=shell.watcher(),
    )  # fmt: skip
    report = shell.veiled(report)
    if file is not None:
        from greffe.report.auditpage import write

        write(report, file)
    if shell.json:
        shell.give(report)
    else:
        from greffe.report.auditlines import show

        show(shell.out(), report, limit)
        from greffe.report.texts import command_line, count, visible

        if file is not None:
            shell.say(f"The report is {visible(str(file))}.")
        if report.fix_plan:
            apply = command_line(config.path, f"apply {shlex.quote(report.fix_plan)}")
            shell.say(
                f"A plan of {count(sum(report.fixes.values()), 'change')} mends what can be mended: `{visible(apply)}`."
            )
        elif fix_plan is not None:
            shell.say("No plan is written.")
    return report.exit


@click.command(
    cls=Examples,
    short_help="Print what to grant to Greffe's database accounts.",
    examples="""
        greffe grants
        greffe grants --writer greffe --reader auditor --host 10.0.0.5
        greffe -c ecampus.toml grants --json
    """,
    exits=exits.table(Exit.DONE),
)
@click.option(
    "--writer", default="greffe", show_default=True, metavar="NAME", help="The account that runs nights."
)
@click.option(
    "--reader",
    default="greffe_reader",
    show_default=True,
    metavar="NAME",
    help="The account that only looks.",
)
@click.option("--host", default="%", show_default=True, help="From where they connect (MariaDB).")
@json_option
@click.pass_obj
def grants(shell: Shell, writer: str, reader: str, host: str) -> int:
    """Print the GRANT statements for an account that runs nights and for one that only looks. No connection is made.

    The accounts must be there already. Nothing of Moodle's is granted but what Greffe's own statements use.
    """
    from textwrap import wrap

    from greffe.commands.grants import grants as command

    found = command(shell.config(), writer, reader, host)
    if shell.json:
        shell.give(found)
        return Exit.DONE
    for section in found:
        for line in wrap(f"{section.account}: {section.about}", 117):
            shell.say(f"-- {line}")
        for statement in section.statements:
            shell.say(statement)
        shell.say("")
    return Exit.DONE
