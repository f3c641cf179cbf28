"""The manual page greffe(1), made from the help of every command, so that it is never another Greffe's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from inspect import cleandoc

import click

from greffe import __version__
from greffe.cli import exits

_FILES = {
    "/etc/greffe/SITE.toml": "The configuration of one site, for the account greffe to read.",
    "/etc/greffe/SITE.env": "Its passwords, where they stand in the environment.",
    "/var/lib/greffe/SITE": "What its nights leave behind: reports.",
    "greffe@SITE.timer, greffe@SITE.service": "Its night; made by `greffe setup SITE`.",
}


def manual(group: click.Group) -> str:
    """The page, as troff."""
    context = click.Context(group, info_name="greffe", **group.context_settings)
    about = (group.help or "").strip()
    lines = [
        f'.TH GREFFE 1 "" "greffe {__version__}" "User Commands"',
        *_section("NAME", f"greffe \\- {_roff(about.rstrip('.')[0].lower() + about.rstrip('.')[1:])}"),
        *_section("SYNOPSIS", ".B greffe", r"[\fIOPTIONS\fR] \fICOMMAND\fR [\fIARGS\fR]..."),
        *_section("DESCRIPTION", _roff(about)),
        *_section("OPTIONS", *_options(group, context)),
        ".SH COMMANDS",
    ]
    for name, command, inner in _walk(group, context):
        lines += _command(name, command, inner)
    lines += _section("EXIT STATUS", ".nf", *map(_line, f"{exits.table()}{exits.WINS}".splitlines()), ".fi")
    lines += _section(
        "FILES", *(part for path, what in _FILES.items() for part in (".TP", _roff(path), _roff(what)))
    )
    return "\n".join(lines) + "\n"


def _walk(group: click.Group, context: click.Context) -> Iterator[tuple[str, click.Command, click.Context]]:
    """Every command below a group, in its order, with its whole name."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None:
            continue
        inner = click.Context(command, info_name=name, parent=context)
        yield inner.command_path, command, inner
        if isinstance(command, click.Group):
            yield from _walk(command, inner)


def _command(name: str, command: click.Command, context: click.Context) -> list[str]:
    usage = " ".join(command.collect_usage_pieces(context))
    lines = [
        f'.SS "{_roff(name)}"',
        rf"\fB{_roff(name)}\fR {_roff(usage)}",
        ".PP",
        *_text(command.help or ""),
    ]
    lines += _options(command, context)
    for title, text in (
        ("Examples", getattr(command, "examples", "")),
        ("Exit codes", getattr(command, "exits", "")),
    ):
        if text:
            lines += [
                ".PP",
                f"{title}:",
                ".PP",
                ".nf",
                ".RS",
                *map(_line, cleandoc(text).splitlines()),
                ".RE",
                ".fi",
            ]
    return lines


def _options(command: click.Command, context: click.Context) -> list[str]:
    found = [p.get_help_record(context) for p in command.get_params(context) if isinstance(p, click.Option)]
    return [
        part for record in found if record for part in (".TP", rf"\fB{_roff(record[0])}\fR", _line(record[1]))
    ]


def _section(title: str, *lines: str) -> list[str]:
    return [f".SH {title}", *lines]


def _text(text: str) -> list[str]:
    paragraphs = cleandoc(text).split("\n\n")
    return [line for paragraph in paragraphs for line in (_line(" ".join(paragraph.split())), ".PP")][:-1]


def _line(text: str) -> str:
    # a line that begins with a point or an apostrophe would be taken for a request
    escaped = _roff(text)
    return rf"\&{escaped}" if escaped.startswith((".", "'")) else escaped


def _roff(text: str) -> str:
    plain = text.replace("…", "...")  # which a terminal without UTF-8 has no letter for
    return re.sub(r"[\\-]", lambda m: r"\e" if m[0] == "\\" else r"\-", plain)
