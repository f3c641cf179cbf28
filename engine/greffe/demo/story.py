"""``greffe demo``: three nights of a sample university, and one taken back, through the commands that everybody uses."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.text import Text

from greffe.cli.shell import Shell
from greffe.commands.nightly import nightly
from greffe.commands.reporting import of_result, of_undoing
from greffe.commands.undo import undo
from greffe.config import Config
from greffe.demo.extracts import cut_short
from greffe.demo.stage import Stage, stage
from greffe.demo.university import University, found, next_day
from greffe.errors import ConfigError
from greffe.feed.years import years_open_on
from greffe.report import html, terminal
from greffe.report.document import Document

TITLE = "Greffe: three nights at a sample university"
INTRO = (
    "5,000 students, 200 teachers, 300 courses, 12 étapes, on an embedded PostgreSQL with Moodle's tables. "
    "The extracts carry the faults that real ones do."
)
_LIMIT = 5
_LONGEST = 40
"""Rows of the report's tables: five nights stand in it."""


@dataclass(slots=True)
class _Told:
    shell: Shell
    documents: list[Document] = field(default_factory=list)

    def chapter(self, heading: str, text: str) -> None:
        """A new part of the story."""
        if not self.shell.json:
            out = self.shell.out()
            _heading(out, heading)
            out.print(Text(text))

    def night(self, config: Config, heading: str, text: str) -> Document:
        """One night, shown."""
        self.chapter(heading, text)
        began = time.monotonic()
        document = of_result(nightly(config, self.shell.watcher()))
        return self.show(document, heading, text, time.monotonic() - began)

    def show(self, document: Document, heading: str, text: str, took: float) -> Document:
        """A document becomes part of the story and of the report."""
        document.heading, document.story = heading, text
        self.documents.append(document)
        self.shell.still()
        if not self.shell.json:
            out = self.shell.out()
            out.print()
            terminal.show(out, document, _LIMIT)
            out.print(Text(f"\n  {took:.1f} s, exit code {int(document.exit)}", "dim"))
        return document

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Something takes a while."""
        watcher = self.shell.watcher()
        if watcher is not None:
            watcher.step(text)
        yield
        self.shell.still()


def tell(shell: Shell, report: Path) -> list[Document]:
    """Play the story, and leave the report."""
    if not report.parent.is_dir():
        raise ConfigError(f"--report: there is no directory {report.parent}")
    began = time.monotonic()
    told = _Told(shell)
    year = max(years_open_on(datetime.now(UTC).astimezone().date()))
    told.chapter("A sample university", INTRO)
    with told.step("Starting an embedded PostgreSQL"), stage(year) as place:
        with told.step("Founding the university, its Moodle and its first extracts"):
            university = found(year)
            place.build(university)
            place.deliver(university)
        _nights(told, place, university)
    try:
        html.write(told.documents, report, TITLE, INTRO, longest=_LONGEST)
    except OSError as e:
        raise ConfigError(f"--report: {report} cannot be written: {e.strerror}") from e
    if shell.json:
        shell.give({"report": str(report), "nights": told.documents})
    else:
        out = shell.out()
        _heading(out, "That was it")
        out.print(
            Text(
                f"{time.monotonic() - began:.0f} s in all; database and extracts are gone again. What stays:"
            )
        )
        out.print(Text(f"  {report.resolve()}", "bold"), soft_wrap=True)
    return told.documents


def _nights(told: _Told, place: Stage, university: University) -> None:
    config = place.configure()
    told.night(
        config,
        "Night 1: the first load",
        "Moodle's courses are empty. The extracts bring everybody, and also a no-break space glued to codes, numbers "
        "without their leading zeros, kept results, unpaid and cancelled registrations, another year's rows, people "
        "in two étapes, people without an account and people with two.",
    )
    tomorrow = next_day(university)
    accounts = place.open_accounts(university, tomorrow)
    place.deliver(tomorrow)
    second = told.night(
        config,
        "Night 2: a normal day later",
        f"25 students left, 15 paid, 40 changed an option, 30 are new, {accounts} accounts appeared, and one teacher "
        "was replaced by another.",
    )
    cut_short(place.directory / "ip.csv", 0.5)
    told.night(
        config,
        "Night 3: half an extract",
        "The export of the registrations ended early, but tidily: every line is whole, half of them are missing. "
        "Moodle's own synchronisation would suspend half of the university.",
    )
    told.night(
        place.configure(shrink='"none"'),
        "Night 3 again, with the feed's test switched off",
        'The same half extract with shrink = "none": now it is the guards that judge the plan, before the first write.',
    )
    heading = f"Run {second.run} taken back"
    text = "Somebody asks for night 2 to be undone: itself a plan, itself guarded, itself in the journal."
    told.chapter(heading, text)
    began = time.monotonic()
    undoing = undo(config, second.run, watcher=told.shell.watcher())
    told.show(of_undoing(undoing), heading, text, time.monotonic() - began)


def _heading(out: Console, text: str) -> None:
    out.print()
    out.print(Text(text, "bold cyan"))
    out.print(Text("─" * len(text), "cyan"))
