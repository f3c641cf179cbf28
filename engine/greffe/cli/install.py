"""The commands around an installation: setup, completion, manual."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from greffe.cli import exits
from greffe.cli.shell import A_FILE, Examples, Shell, json_option
from greffe.errors import Exit

_SHELLS = {
    "bash": "bash-completion/completions/greffe",
    "zsh": "zsh/site-functions/_greffe",
    "fish": "fish/vendor_completions.d/greffe.fish",
}
"""Where each looks for completions, below /usr/local/share."""
_MANUAL = "man/man1/greffe.1"
_DONE = {
    "make": "made",
    "keep": "as it is",
    "replace": "brought up to date",
    "beside": "yours was edited: compare",
}
_TO_DO = {
    "make": "would be made",
    "keep": "as it is",
    "replace": "would be brought up to date",
    "beside": "yours was edited: would be written beside it",
}


@click.command(
    cls=Examples,
    short_help="Make this machine ready for one site's nights.",
    examples="""
        greffe setup ecampus
        greffe setup ecampus --yes
        greffe setup ecampus --config-php /var/www/moodle/config.php --yes
        greffe setup sante --cron --yes
    """,
    exits=exits.table(Exit.DONE, Exit.CHANGES_PENDING, Exit.USAGE),
)
@click.argument("site")
@click.option("--yes", is_flag=True, help="Do it. Without this it is only said what would be done.")
@click.option("--cron", is_flag=True, help="A line of cron in place of systemd's units.")
@click.option(
    "--config-php", type=A_FILE, metavar="PATH",
    help="Moodle's config.php, for the site's configuration; it is read, never run.",
)  # fmt: skip
@click.option(
    "--program", type=A_FILE, metavar="PATH",
    help="What the timer runs. Default: this greffe.",
)  # fmt: skip
@click.option(
    "--root", type=click.Path(path_type=Path, file_okay=False, exists=True), metavar="DIR",
    help="A directory that stands for the machine's root: an image, a trial.",
)  # fmt: skip
@json_option
@click.pass_obj
def setup(
    shell: Shell, site: str, yes: bool, cron: bool, config_php: Path | None, program: Path | None, root: Path | None
) -> int:  # fmt: skip
    """Make what the nights of SITE need here: an account greffe, /etc/greffe/SITE.toml, /var/lib/greffe/SITE, /var/log/greffe,
    units of systemd, completion and manual page. Nothing is scheduled yet, and no file that somebody edited is replaced."""
    from greffe.cli.app import app
    from greffe.cli.manual import manual as page
    from greffe.commands.setup import setup as command
    from greffe.report.texts import visible

    helpers = {path: _script(name) for name, path in _SHELLS.items()} | {_MANUAL: page(app)}
    done = command(
        site, program or _myself(), helpers, config_php=config_php, cron=cron, root=root, yes=yes
    )  # fmt: skip
    code = Exit.CHANGES_PENDING if done.pending else Exit.DONE
    if shell.json:
        from msgspec import to_builtins

        shell.give(to_builtins(done) | {"exit": int(code)})
        return code
    words = _DONE if done.done else _TO_DO
    for item in done.items:
        shell.say(f"{item.kind:<10} {visible(item.path)}: {words[item.state]}")
    if done.pending:
        shell.say("→ Nothing was done. Run it again with --yes, as root.")
    for number, step in enumerate(done.next if done.done else [], 1):
        shell.say(f"{number}. {step}")
    return code


@click.command(
    cls=Examples,
    short_help="Print what lets a shell complete greffe's commands.",
    examples="""
        greffe completion bash
        greffe completion zsh
    """,
    exits=exits.table(Exit.DONE, Exit.USAGE),
)
@click.argument("shell_name", metavar="SHELL", type=click.Choice(list(_SHELLS)))
@json_option
@click.pass_obj
def completion(shell: Shell, shell_name: str) -> int:
    """Print the script by which SHELL (bash, zsh, fish) completes greffe's commands and options; `greffe setup` puts it where the
    shells of this machine look for it."""
    text = _script(shell_name)
    if shell.json:
        shell.give({"shell": shell_name, "script": text})
    else:
        click.echo(text, nl=False)
    return Exit.DONE


@click.command(
    cls=Examples,
    short_help="Print the manual page greffe(1).",
    examples="""
        greffe manual
        greffe manual | man -l -
    """,
    exits=exits.table(Exit.DONE),
)
@json_option
@click.pass_obj
def manual(shell: Shell) -> int:
    """Print the manual page greffe(1), with the help of every command; `greffe setup` puts it where `man` looks for it."""
    from greffe.cli.app import app
    from greffe.cli.manual import manual as page

    text = page(app)
    if shell.json:
        shell.give({"page": text})
    else:
        click.echo(text, nl=False)
    return Exit.DONE


def _script(shell_name: str) -> str:
    from click.shell_completion import get_completion_class

    from greffe.cli.app import app

    kind = get_completion_class(shell_name)
    if kind is None:
        raise click.BadParameter(f"{shell_name} is not known")
    # the text alone: click's source() of bash would look for one on this machine first
    complete = kind(app, {}, "greffe", "_GREFFE_COMPLETE")
    return f"{(complete.source_template % complete.source_vars()).strip()}\n"


def _myself() -> Path:
    called = Path(sys.argv[0])
    named = called if called.name == "greffe" else Path(sys.executable).with_name("greffe")
    return named.absolute()
