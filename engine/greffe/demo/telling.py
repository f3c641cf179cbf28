"""How a story is told: on the terminal while it happens, and kept for the report at its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.text import Text

from greffe.cli.shell import Shell
from greffe.commands.nightly import nightly
from greffe.commands.reporting import of_result
from greffe.config import Config
from greffe.report import terminal
from greffe.report.document import Document
from greffe.report.html import Chapter

_LIMIT = 6
"""Rows of a table on the terminal."""


@dataclass(slots=True)
class Told:
    """What was told so far, a chapter for each platform."""

    shell: Shell
    chapters: list[Chapter] = field(default_factory=list)
    _began: float = 0

    def platform(self, heading: str, intro: str, config_file: str, config: str = "") -> None:
        """Another Moodle's story begins."""
        self.chapters.append(Chapter([], heading, intro, config_file, config))
        if not self.shell.json:
            out = self.shell.out()
            title = f"{heading} · {config_file}"
            out.print(f"\n[bold magenta]{'━' * len(title)}\n{title}\n{'━' * len(title)}[/]")
            out.print(Text(intro))

    def part(self, heading: str, text: str, command: str) -> None:
        """A new part of it, with what somebody types there."""
        self._began = time.monotonic()
        if not self.shell.json:
            out = self.shell.out()
            underlined(out, heading)
            out.print(Text(text))
            out.print()
            for line in self._typed(command).splitlines():
                out.print(Text(f"$ {line}", "bold"), soft_wrap=True)

    def show(
        self, document: Document, heading: str, text: str, command: str, limit: int = _LIMIT
    ) -> Document:
        """A document becomes part of the story and of the report."""
        chapter = self.chapters[-1]
        document.heading, document.story, document.command = heading, text, self._typed(command)
        document.config_file = chapter.config_file
        chapter.documents.append(document)
        self.shell.still()
        if not self.shell.json:
            out = self.shell.out()
            out.print()
            terminal.show(out, document, limit)
            took = time.monotonic() - self._began
            out.print(Text(f"\n  {took:.1f} s, exit code {int(document.exit)}", "dim"))
        return document

    def command(
        self, heading: str, text: str, command: str, run: Callable[[], Document], limit: int = _LIMIT
    ) -> Document:
        """One command and what it shows."""
        self.part(heading, text, command)
        return self.show(run(), heading, text, command, limit)

    def night(self, config: Config, heading: str, text: str) -> Document:
        """One night."""
        return self.command(
            heading, text, "nightly", lambda: of_result(nightly(config, self.shell.watcher()))
        )

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Something takes a while."""
        watcher = self.shell.watcher()
        if watcher is not None:
            watcher.step(text)
        yield
        self.shell.still()

    def _typed(self, command: str) -> str:
        """The commands as this platform's people type them."""
        return "\n".join(f"greffe -c {self.chapters[-1].config_file} {c}" for c in command.splitlines())


def underlined(out: Console, text: str) -> None:
    """A heading."""
    out.print()
    out.print(Text(text, "bold cyan"))
    out.print(Text("─" * len(text), "cyan"))
