"""The commands around who hears of nights: mail, summary."""

from __future__ import annotations

import click

from greffe.cli import exits
from greffe.cli.shell import Examples, Shell, json_option
from greffe.errors import Exit


@click.command(
    cls=Examples,
    short_help="Try whether mail and webhook arrive; tell of a killed night.",
    examples="""
        greffe mail --test
        greffe -c /etc/greffe/ecampus.toml mail --failed
    """,
    exits=exits.table(Exit.DONE, Exit.USAGE),
)
@click.option("--test", "what", flag_value="test", help="Send a test to everybody in [mail] and [webhook].")
@click.option(
    "--failed", "what", flag_value="failed",
    help="For OnFailure= of the night's service: tell that it was killed, where it could not do so itself.",
)  # fmt: skip
@json_option
@click.pass_obj
def mail(shell: Shell, what: str | None) -> int:
    """Send something by what [mail] and [webhook] say, without a look at the site."""
    from greffe.commands.telling import Night, send_test

    if what is None:
        raise click.UsageError("give --test or --failed")
    if what == "test":
        return _told(shell, send_test(shell.config()))
    told = Night(shell.config_file, shell.warn).killed()
    if shell.json:
        shell.give({"told": told})
    else:
        shell.say("The killed night was told of." if told else "The last night said itself how it ended.")
    return Exit.DONE


@click.command(
    cls=Examples,
    short_help="Tell what the last week came to; --mail sends it.",
    examples="""
        greffe summary
        greffe summary --days 30 --json
        greffe -c /etc/greffe/ecampus.toml summary --mail
    """,
    exits=exits.table(Exit.DONE, Exit.USAGE, Exit.DATABASE, Exit.NOT_READY),
)
@click.option(
    "--days", type=click.IntRange(1, 366), default=7, show_default=True, help="How far it looks back."
)
@click.option("--mail", "send", is_flag=True, help="Send it as [mail] and [webhook] say.")
@json_option
@click.pass_obj
def summary(shell: Shell, days: int, send: bool) -> int:
    """Tell what the nights of the last days came to, and what is open now."""
    from greffe.commands.telling import send_summary
    from greffe.commands.telling import summary as command
    from greffe.telling.letter import as_text
    from greffe.telling.writing import Writer

    config = shell.config()
    week, checks = command(config, days)
    if send:
        return _told(shell, send_summary(config, week, checks))
    if shell.json:
        shell.give({"week": week, "checks": checks})
    else:
        language = config.mail.language if config.mail else "en"
        letter = Writer(config.name, shell.config_file, language).summary(week, checks)
        shell.say(letter.subject)
        shell.say("")
        shell.say(as_text(letter).partition("\n-- \n")[0].rstrip())
    return Exit.DONE


def _told(shell: Shell, names: list[str]) -> int:
    if shell.json:
        shell.give({"sent": names})
    else:
        for name in names:
            shell.say(f"{name}: sent.")
    return Exit.DONE
