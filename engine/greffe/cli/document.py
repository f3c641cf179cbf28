"""How every command that plans or runs something gives its document: the configured report, then JSON or tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greffe.cli.shell import Shell

if TYPE_CHECKING:
    from greffe.config import Config
    from greffe.report.document import Document


def keep(shell: Shell, config: Config, document: Document) -> None:
    """Write the report that the configuration asks for; that it cannot be written undoes nothing of what was done."""
    from greffe.commands.reporting import ReportError, write_report

    shown = shell.veiled(document)
    try:
        write_report(config, shown)
    except ReportError as e:
        shell.warn(e)
    document.report = shown.report


def show(shell: Shell, document: Document, limit: int) -> int:
    """A document as the command line was asked for it; its exit code."""
    document.config_file = shell.config_file
    document = shell.veiled(document)
    if shell.json:
        shell.give(document)
    else:
        from greffe.report.terminal import show

        show(shell.out(), document, limit)
    return document.exit
