"""How every command that gives a list gives it: --out, --language, --json, or a table."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from greffe.cli.shell import A_FILE, Command, Shell, json_option
from greffe.errors import ArgumentError, Exit
from greffe.language import LANGUAGES, language

if TYPE_CHECKING:
    from rich.console import Console

    from greffe.listing import Listing
    from greffe.report.lists.reader import Reader


def list_options(command: Command) -> Command:
    """``--out`` and ``--language``, which go to ``give_list``, and ``--json``."""

    def known(_context: click.Context, _parameter: click.Parameter, value: Path | None) -> Path | None:
        if value is not None:
            from greffe.report.lists import refuse_unknown

            refuse_unknown(value)
        return value

    out = click.option(
        "--out", "out", metavar="FILE", type=A_FILE, callback=known,
        help="Write it there, readable by you only: .csv, .xlsx, .ods, .json or .html.",
    )  # fmt: skip
    spoken = click.option(
        "--language", "spoken", type=click.Choice(LANGUAGES), default=language,
        help="Of headings and words; without it this machine's (LC_ALL, LC_MESSAGES, LANG).",
    )  # fmt: skip
    return out(spoken(json_option(command)))


def give_list(
    shell: Shell,
    opened: AbstractContextManager[Listing],
    out: Path | None,
    spoken: str,
    table: Callable[[Console, Listing, Reader], int] | None = None,
) -> int:
    """The list as was asked, read while it is written; the exit code. With --out, --json tells of the file. ``table``: what
    draws it on a terminal, where the usual table does not do."""
    from greffe.report.lists.reader import Reader

    with opened as listing:
        reader = Reader(spoken, listing.zone)
        if out is not None:
            _to_file(shell, listing, out, reader)
        elif shell.json:
            _as_document(shell, listing, reader)
        else:
            from greffe.report.lists.table import show

            (table or show)(shell.out(), listing, reader)
    return Exit.DONE


def _to_file(shell: Shell, listing: Listing, out: Path, reader: Reader) -> None:
    from greffe.report.lists import write
    from greffe.report.lists.reader import shown

    try:
        rows = write(listing, out, reader.language)
    except OSError as e:
        raise ArgumentError(
            f"{out}: {e.strerror or e}",
            todo="Make room or rights there, or name another place: no list was written.",
        ) from e
    if shell.json:
        told = {"list": listing.name, "file": str(out), "rows": rows, "asked": listing.asked}
        shell.give({**told, "notes": reader.notes(listing)})
        return
    shell.say(shown(reader.say("file", path=str(out), rows=reader.count(rows))))
    for note in reader.notes(listing):
        shell.say(shown(f"• {note}"))


def _as_document(shell: Shell, listing: Listing, reader: Reader) -> None:
    from shutil import copyfileobj
    from tempfile import TemporaryFile

    from greffe.report.lists.jsonfile import stream

    # a list that breaks off is no document
    with TemporaryFile() as whole:
        stream(listing, whole, reader)
        whole.seek(0)
        shell.still()
        sys.stdout.flush()
        copyfileobj(whole, sys.stdout.buffer)
