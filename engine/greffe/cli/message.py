"""Messages to participants: message, messages."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from greffe.cli import exits
from greffe.cli.shell import Examples, Shell, json_option, limit_option, yes_option
from greffe.errors import ArgumentError, Exit

_SUFFIXES = {".html": "html", ".htm": "html", ".md": "markdown"}


@click.command(
    cls=Examples,
    short_help="Send a message to participants of a course.",
    examples="""
        greffe message DRT101 --role student --subject "Salle changée" --body salle.txt --from jmartin
        greffe message DRT101 --group TD3 --subject "Contrôle" --body controle.md --from jmartin --dry-run
        greffe message DRT101 --role student --subject "Examen" --body examen.html --from jmartin --yes
    """,
    exits=exits.table(
        Exit.DONE, Exit.USAGE, Exit.CHANGES_PENDING, Exit.NOT_READY, Exit.DATABASE, Exit.REFUSED
    ),
)
@click.argument("course")
@click.option("--subject", required=True, help="One line.")
@click.option(
    "--body", required=True, metavar="FILE", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="Its text in UTF-8: .html, .md (Markdown), else plain; - reads it from stdin.",
)  # fmt: skip
@click.option(
    "--from",
    "sender",
    required=True,
    metavar="USERNAME",
    help="Who writes: must have local/greffe:sendmessage there.",
)
@click.option(
    "--role",
    "roles",
    multiple=True,
    metavar="SHORTNAME",
    help="Only people with this role; several: any of them.",
)
@click.option(
    "--group",
    "groups",
    multiple=True,
    metavar="NAME",
    help="Only members of this group; several: any of them.",
)
@click.option(
    "--method", "methods", multiple=True, metavar="METHOD", help="Only people enrolled so: manual, cohort, …"
)
@click.option("--again", is_flag=True, help="Although the same was sent within the last day.")
@click.option("--dry-run", is_flag=True, help="Say how many people it would reach, and stop.")
@yes_option
@json_option
@click.pass_obj
def message(
    shell: Shell, course: str, subject: str, body: Path, sender: str, roles: tuple[str, ...], groups: tuple[str, ...],
    methods: tuple[str, ...], again: bool, dry_run: bool, yes: bool,
) -> int:  # fmt: skip
    """Send a message to active participants of COURSE (shortname, idnumber or id).

    It says how many people are meant, and asks. The plugin sends it through Moodle, as a notification that each of them gets as
    their own preferences say; whoever has left the course meanwhile gets none. `greffe messages` tells how far it has come.
    """
    from greffe.commands.message import Letter, Selection
    from greffe.commands.message import message as command

    asks = not (yes or dry_run)
    if asks:
        if str(body) == "-":
            raise click.UsageError(
                "with --body - there is no terminal to ask on: give --yes, or --dry-run to look only"
            )
        shell.must_ask()
    letter = Letter(subject, _read(body), _SUFFIXES.get(body.suffix.lower(), "plain"))
    chosen = Selection(roles, groups, methods)
    if not yes:
        draft = command(shell.config(), course, sender, letter, chosen, dry_run=True)
        if shell.json:
            shell.give(draft)
            return Exit.CHANGES_PENDING
        shell.say(
            f"To {_people(draft.amount)} of {draft.course}, from {draft.sender_name} ({draft.sender}): {draft.subject}"
        )
        if draft.same and not again:
            shell.say(f"Message {draft.same} said the same to this course within the last day.")
        if dry_run:
            return Exit.CHANGES_PENDING
        if not click.confirm("Send it?", err=True):
            shell.say("Nothing was sent.")
            return Exit.DONE
    sent = command(shell.config(), course, sender, letter, chosen, again=again)
    if shell.json:
        shell.give(sent)
    else:
        shell.say(
            f"Message {sent.id} to {_people(sent.amount)} of {sent.course} is queued: Moodle's cron sends it. `greffe messages` tells how far it has come."
        )
    return Exit.DONE


def _people(number: int) -> str:
    from greffe.report.texts import people

    return people(number)


def _read(body: Path) -> str:
    """The text. Raises ArgumentError where it is none."""
    try:
        data = sys.stdin.buffer.read() if str(body) == "-" else body.read_bytes()
    except OSError as e:
        raise ArgumentError(f"{body}: {e.strerror}", todo="Give the file with the message's text.") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise ArgumentError(
            f"{body}: byte {e.start + 1} is no UTF-8",
            todo="Save it as UTF-8 (in a spreadsheet's or editor's list of encodings).",
        ) from None


@click.command(
    cls=Examples,
    short_help="List messages: to whom, by whom, how far.",
    examples="""
        greffe messages
        greffe messages --limit 100 --json
    """,
    exits=exits.table(Exit.DONE, Exit.USAGE, Exit.DATABASE),
)
@limit_option("How many, newest first.")
@json_option
@click.pass_obj
def messages(shell: Shell, limit: int) -> int:
    """List the latest messages: which course, who wrote, who queued it, how many have it, what failed."""
    from greffe.commands.message import messages as command

    found = command(shell.config(), limit)
    if shell.json:
        shell.give(found)
    elif not found:
        shell.say("No message was sent on this site yet.")
    else:
        from greffe.report import terminal
        from greffe.report.texts import moment

        columns = ["message", "queued", "course", "subject", "from", "to", "sent", "failed", "state", "by"]
        terminal.listing(shell.out(), "", columns, [
            (m.id, moment(m.made), m.course, m.subject, m.sender, m.amount, m.sent, m.failed,
             f"{m.state} ({m.error})" if m.error else m.state, m.operator)
            for m in found
        ])  # fmt: skip
    return Exit.DONE
