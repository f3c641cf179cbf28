"""One invocation from its arguments to its exit code: the only place where errors become words."""

from __future__ import annotations

import errno
import gc
import io
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path, PurePath
from types import FrameType

import click

from greffe.cli.app import UnreadError, app
from greffe.cli.shell import Shell
from greffe.errors import Exit, GreffeError

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What a write to stdout fails with, where no file is named."""

_COLLECT = (50_000, 20, 20)
"""A night makes millions of small values and hardly a cycle: looking for cycles as often as usual is a tenth of it."""


def run(arguments: Sequence[str]) -> int:
    """Run a command; its exit code. Nothing an operator can cause ends in a traceback."""
    gc.set_threshold(*_COLLECT)
    shell = Shell()
    with suppress(ValueError):  # outside the main thread signals stay as they are
        signal.signal(signal.SIGTERM, _stop)
    # a timer may start a command with them closed
    sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the end
    sys.stderr = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # a name that the terminal's encoding lacks must not end a night
            stream.reconfigure(errors="replace")
    try:
        _refuse_bytes(arguments)
        code = app.main(list(arguments), prog_name="greffe", standalone_mode=False, obj=shell)
        sys.stdout.flush()
    except click.exceptions.Exit as e:
        return e.exit_code
    except click.Abort as e:
        # click keeps the signal behind it as its cause, but not at a question, before which nothing was begun
        return _interrupted(shell) if e.__cause__ else _unanswered(shell)
    except click.ClickException as e:
        e.show()
        if "--json" in arguments:  # it may not have come to reading that option
            command = e.ctx.command_path if isinstance(e, click.UsageError) and e.ctx else "greffe"
            todo = f"`{command} --help` shows what is meant."
            shell.give(
                {"error": e.format_message(), "todo": todo, "kind": "UsageError", "exit": int(Exit.USAGE)}
            )
        return Exit.USAGE
    except GreffeError as e:
        if shell.debug and not shell.anonymise:
            raise
        _trace(shell, e)
        shell.complain(e)
        return e.exit
    except KeyboardInterrupt:
        return _interrupted(shell)
    except (BrokenPipeError, UnreadError):
        # the reader (head, less) has gone; Python would complain once more when it flushes stdout at its end
        sys.stdout = None
        return Exit.DONE
    except Exception as e:
        if shell.debug and not shell.anonymise:
            raise
        _trace(shell, e)
        if isinstance(e, OSError) and (e.filename or e.errno in _NO_ROOM):
            return _unwritten(shell, e)
        shell.still()
        click.echo(f"greffe: {type(e).__name__}: a fault in Greffe itself", err=True)
        click.echo("→ Run the command again as `greffe --debug …`, and report what it shows.", err=True)
        return Exit.BUG
    return int(code or 0)


def _trace(shell: Shell, error: BaseException) -> None:
    """With --debug and --anonymise: where it went wrong, without the messages of it all, which say of whom."""
    if not shell.debug:
        return
    shell.still()
    cause = error.__cause__ or error.__context__
    if cause is not None:
        _trace(shell, cause)
    click.echo("".join([*traceback.format_tb(error.__traceback__), type(error).__name__]), err=True)


def _refuse_bytes(arguments: Sequence[str]) -> None:
    """Bytes that are no text in this machine's encoding: no database, document or terminal could take them."""
    for number, argument in enumerate(arguments, 1):
        try:
            argument.encode()
        except UnicodeEncodeError:
            text = argument.encode(errors="surrogateescape").decode(errors="backslashreplace")
            raise click.UsageError(
                f"argument {number} is no text in UTF-8: {text}; see the terminal's encoding (LANG, LC_ALL)"
            ) from None


def _stop(_number: int, _frame: FrameType | None) -> None:
    """SIGTERM ends a command as Ctrl-C does; while rows are written, the writer has its own way to stop."""
    raise KeyboardInterrupt


def _unwritten(shell: Shell, error: OSError) -> int:
    """A disk that is full, a file that cannot be made: nothing of Greffe's own."""
    sys.stdout = None  # what is left in its buffer would fail once more
    shell.still()
    file = PurePath(error.filename).name if error.filename and shell.anonymise else error.filename
    what = f"{file}: " if file else "the output cannot be written: "
    click.echo(f"greffe: {what}{error.strerror or error}", err=True)
    click.echo("→ Make room or rights there; `greffe runs` tells what a run did meanwhile.", err=True)
    return Exit.USAGE


def _unanswered(shell: Shell) -> int:
    shell.still()
    click.echo("\ngreffe: interrupted at the question: nothing was done", err=True)
    return Exit.INTERRUPTED


def _interrupted(shell: Shell) -> int:
    shell.still()
    click.echo("greffe: interrupted", err=True)
    click.echo(
        "→ What was not committed is not there. Run the same command again: it finishes what is left, as the next night does.",
        err=True,
    )
    return Exit.INTERRUPTED
