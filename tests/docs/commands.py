"""The pages of commands, from click's own tree: what ``--help`` says is what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from inspect import cleandoc

import click

from greffe.cli.app import app
from greffe.cli.shell import Examples
from tests.docs.french import COMMANDS
from tests.docs.markdown import cell, generated, table


def commands() -> Iterator[tuple[str, Examples]]:
    """Every command that does something, in the order of ``--help``: (``methods sync``, the command)."""
    yield from _below(click.Context(app, info_name="greffe"), "")


def _below(context: click.Context, before: str) -> Iterator[tuple[str, Examples]]:
    group = context.command
    assert isinstance(group, click.Group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _below(click.Context(command, parent=context, info_name=name), f"{before}{name} ")
        else:
            assert isinstance(command, Examples)
            yield f"{before}{name}", command


def english() -> str:
    """docs/en/reference/commands.md."""
    found = list(commands())
    rows = [(f"[`{n}`](#greffe-{n.replace(' ', '-')})", c.get_short_help_str(200)) for n, c in found]
    before = (
        "Before the command: `-c FILE` names the site's configuration (default `greffe.toml`, or `GREFFE_CONFIG`), `--debug` shows\n"
        "tracebacks, `--version` the version. What the codes mean: [exit codes](exit-codes.md)."
    )
    parts = [
        generated("Commands", "Every command has `--help`, which says the same."),
        table(["command", "what it does"], rows),
        before,
        *(_section(n, c) for n, c in found),
    ]
    return "\n\n".join(parts) + "\n"


def french() -> str:
    """docs/fr/reference/commandes.md."""
    place = "../../en/reference/commands.md"
    rows = [(f"[`{n}`]({place}#greffe-{n.replace(' ', '-')})", COMMANDS.get(n, "")) for n, _ in commands()]
    before = (
        "Avant la commande : `-c FICHIER` nomme la configuration du site (par défaut `greffe.toml`, ou `GREFFE_CONFIG`). Toutes\n"
        "acceptent `--json`. Le sens des codes : [codes de sortie](codes-de-sortie.md)."
    )
    parts = [
        generated(
            "Commandes",
            f"L’aide des commandes (`--help`) est en anglais, et [la référence complète]({place}) aussi. Voici ce que fait chacune.",
            french=True,
        ),
        table(["commande", "ce qu’elle fait"], rows),
        before,
    ]
    return "\n\n".join(parts) + "\n"


def _section(name: str, command: Examples) -> str:
    context = click.Context(command, info_name=f"greffe {name}")
    usage = " ".join(command.collect_usage_pieces(context))
    parts = [f"## `greffe {name}`", cleandoc(command.help or ""), f"```text\ngreffe {name} {usage}\n```"]
    if options := [_option(o, context) for o in command.params if isinstance(o, click.Option)]:
        parts.append(table(["option", "meaning"], options))
    if command.examples:
        parts.append(f"```sh\n{cleandoc(command.examples)}\n```")
    if command.exits:
        codes = re.findall(r"^\s*(\d+)\s+(.+)$", command.exits, re.MULTILINE)
        parts.append(table(["exit code", "meaning"], codes, numbers=True))
    return "\n\n".join(parts)


def _option(option: click.Option, context: click.Context) -> tuple[str, str]:
    record = option.get_help_record(context)
    assert record is not None
    return f"`{record[0]}`", cell(record[1])
