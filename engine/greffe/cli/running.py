"""One invocation from its arguments to its exit code: the only place where errors become words."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType

import click

from greffe.cli.app import app
from greffe.cli.shell import Shell
from greffe.errors import Exit, GreffeError


def run(arguments: Sequence[str]) -> int:
    """Run a command; its exit code. Nothing an operator can cause ends in a traceback."""
    shell = Shell()
    with suppress(ValueError):  # outside the main thread signals stay as they are
        signal.signal(signal.SIGTERM, _stop)
    try:
        code = app.main(list(arguments), prog_name="greffe", standalone_mode=False, obj=shell)
        sys.stdout.flush()
    except click.exceptions.Exit as e:
        return e.exit_code
    except click.Abort:
        return _interrupted(shell)
    except click.ClickException as e:
        e.show()
        return Exit.USAGE
    except GreffeError as e:
        if shell.debug:
            raise
        shell.complain(e)
        return e.exit
    except KeyboardInterrupt:
        return _interrupted(shell)
    except BrokenPipeError:
        # the reader (head, less) has gone; Python would complain once more when it flushes stdout at its end
        sys.stdout = None
        return Exit.DONE
    except Exception as e:
        if shell.debug:
            raise
        shell.still()
        click.echo(f"greffe: {type(e).__name__}: a fault in Greffe itself", err=True)
        click.echo("→ Run the command again as `greffe --debug …`, and report what it shows.", err=True)
        return Exit.BUG
    return int(code or 0)


def _stop(_number: int, _frame: FrameType | None) -> None:
    """SIGTERM ends a command as Ctrl-C does; while rows are written, the writer has its own way to stop."""
    raise KeyboardInterrupt


def _interrupted(shell: Shell) -> int:
    shell.still()
    click.echo("greffe: interrupted", err=True)
    return Exit.INTERRUPTED
