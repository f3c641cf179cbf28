"""``greffe demo --keep``: both platforms, prepared and left running, for somebody who wants to try commands."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.text import Text

from greffe.cli.shell import Shell
from greffe.commands.nightly import nightly
from greffe.demo import campus, university
from greffe.demo.database import Database
from greffe.demo.ecampus import Ecampus
from greffe.demo.sante import Sante
from greffe.demo.stage import Stage, ended_by_signals
from greffe.demo.telling import Told, underlined
from greffe.errors import ArgumentError
from greffe.feed.years import years_open_on

_MARK = "greffe-demo.json"
_SITES = ("ecampus", "sante")


class Try(msgspec.Struct, frozen=True):
    """A command that shows something there."""

    site: str
    command: str
    what: str


class _Mark(msgspec.Struct, frozen=True):
    """What makes a directory a demonstration's own."""

    directory: str
    """Where it was made: what its configurations and its database call their place."""
    pid: int
    """Of the database that was started last."""
    tries: list[Try] = []
    """Empty while it is being prepared."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A demonstration that is kept, by its directory."""

    directory: Path

    @classmethod
    def at(cls, directory: Path) -> Kept:
        """The one in that directory, or the one to be made there."""
        return cls(directory.expanduser().resolve())

    @property
    def database(self) -> Database:
        """Its server."""
        return Database(self.directory / "postgresql")

    def keep(self, shell: Shell) -> None:
        """Make it, play the first nights, leave it running, and say how it is used.

        The university has had two nights, so there is a past to ask about; the health campus one, with a day's changes
        delivered, so there is a night to come. Raises ArgumentError where the directory is there already.
        """
        if (self.directory / _MARK).is_file():
            raise ArgumentError(
                f"--keep: {self.directory} is a demonstration already",
                todo=f"{self._line('start')} shows what to try there, {self._line('stop')} takes it away.",
            )
        if not self.directory.parent.is_dir():
            raise ArgumentError(f"--keep: there is no directory {self.directory.parent}")
        with ended_by_signals(), self._errors("--keep"):
            self.database.look()
            self.directory.mkdir(mode=0o700)
            try:
                self._prepare(shell)
            except BaseException:
                self._remove()
                raise
        self.show(shell)

    def start(self, shell: Shell) -> None:
        """Start it again where it does not run, as after a restart of the machine, and say how it is used."""
        with self._errors("--start"):
            mark = self._mark("--start")
            if not mark.tries:
                raise ArgumentError(
                    f"--start: the demonstration in {self.directory} was never finished",
                    todo=f"Take it away with {self._line('stop')}, and make it again.",
                )
            self._refuse_elsewhere(Path(mark.directory))
            if not self.database.answers():
                self._write(msgspec.structs.replace(mark, pid=self.database.start()))
        self.show(shell)

    def look(self) -> None:
        """Whether there is one to be stopped. Raises ArgumentError."""
        with self._errors("--stop"):
            self._mark("--stop")

    def stop(self, shell: Shell) -> None:
        """End its database and remove what it made; what others have put into its directory stays."""
        with self._errors("--stop"):
            self._mark("--stop")
            left = self._remove()
        if shell.json:
            shell.give({"directory": str(self.directory), "left": left})
        elif left:
            shell.say(
                f"The demonstration is gone. {self.directory} stays, for what else is there: {', '.join(left)}."
            )
        else:
            shell.say(f"The demonstration is gone, and {self.directory} with it.")

    def show(self, shell: Shell) -> None:
        """What there is, what to try and how to end it."""
        mark = self._mark("--start")
        if shell.json:
            tries = [
                {"config": str(self._config(t)), "command": self._typed(t), "what": t.what}
                for t in mark.tries
            ]
            shell.give({"directory": str(self.directory), "pid": mark.pid, "try": tries})
            return
        out = shell.out()
        underlined(out, "Two platforms, yours to try")
        out.print(
            Text(
                "A university, ecampus.toml, which has had its first load and an ordinary day; and a health campus, sante.toml, "
                "which has had its first load, and for which a day's changes have arrived. Change what you like: the "
                f"configurations and extracts are in {self.directory}, and their database runs until it is stopped."
            )
        )
        for one in mark.tries:
            out.print(Text(f"\n  {one.what}", "dim"))
            out.print(Text(f"  $ {self._typed(one)}", "bold"), soft_wrap=True)
        underlined(out, "To end it")
        out.print(Text(f"  $ {self._line('stop', quoted=False)}", "bold"), soft_wrap=True)
        out.print(Text("\n  After a restart of this machine, to go on:", "dim"))
        out.print(Text(f"  $ {self._line('start', quoted=False)}", "bold"), soft_wrap=True)

    def _prepare(self, shell: Shell) -> None:
        told = Told(shell)
        year = max(years_open_on(datetime.now(UTC).astimezone().date()))
        with told.step("Starting an embedded PostgreSQL"):
            self.database.create()
            pid = self.database.start()
            self._write(_Mark(str(self.directory), pid))
        machine = Stage(self.directory, self.database.connection)
        with told.step("Founding the university"):
            ecampus, today, rules = Ecampus.begin(machine, year)
        nightly(rules, shell.watcher())
        tomorrow = university.next_day(today)
        ecampus.open_accounts(today, tomorrow)
        ecampus.deliver(tomorrow)
        nightly(rules, shell.watcher())
        with told.step("Founding the health campus"):
            sante, first, rules = Sante.begin(machine, year)
        nightly(rules, shell.watcher())
        second, changing = campus.next_day(first)
        sante.open_accounts(first, second)
        sante.deliver(second)
        shell.still()
        tries = [*_of_ecampus(today, tomorrow), *_of_sante(year, changing)]
        self._write(_Mark(str(self.directory), pid, tries))

    def _refuse_elsewhere(self, made: Path) -> None:
        """Its configurations would read the extracts of the other place, and ask a database there."""
        if self.directory != made:
            raise ArgumentError(
                f"--start: the demonstration in {self.directory} was made in {made}, and moved or copied from there",
                todo=f"Move it back to {made}; or take this one away with {self._line('stop')}, and make another.",
            )

    def _remove(self) -> list[str]:
        """Everything that was made here; the names of what was not, and so stays."""
        mark = self._found()
        if mark is not None:
            self.database.stop(mark.pid)
        for name in ("postgresql", *_SITES):
            shutil.rmtree(self.directory / name, ignore_errors=True)
        for name in (*(f"{site}.toml" for site in _SITES), _MARK):
            (self.directory / name).unlink(missing_ok=True)
        left = sorted(p.name for p in self.directory.iterdir())
        if not left:
            self.directory.rmdir()
        return left

    def _found(self) -> _Mark | None:
        file = self.directory / _MARK
        return msgspec.json.decode(file.read_bytes(), type=_Mark) if file.is_file() else None

    def _mark(self, option: str) -> _Mark:
        mark = self._found()
        if mark is None:
            raise ArgumentError(
                f"{option}: {self.directory} is no demonstration that was kept",
                todo="Give the directory that `greffe demo --keep` was given.",
            )
        return mark

    def _write(self, mark: _Mark) -> None:
        (self.directory / _MARK).write_bytes(msgspec.json.encode(mark))

    @contextmanager
    def _errors(self, option: str) -> Iterator[None]:
        try:
            yield
        except FileExistsError as e:
            raise ArgumentError(
                f"{option}: {self.directory} is there already", todo="Name a directory that is not there yet."
            ) from e
        except OSError as e:
            raise ArgumentError(
                f"{option}: {e.filename or self.directory}: {e.strerror}", todo="Make room or rights there."
            ) from e
        except msgspec.MsgspecError as e:
            raise ArgumentError(
                f"{option}: {self.directory / _MARK} is not as `greffe demo` wrote it",
                todo="Remove the directory by hand.",
            ) from e

    def _config(self, one: Try) -> Path:
        return self.directory / f"{one.site}.toml"

    def _typed(self, one: Try) -> str:
        return f"{_program()} -c {shlex.quote(str(self._config(one)))} {one.command}"

    def _line(self, option: str, *, quoted: bool = True) -> str:
        line = f"{_program()} demo --{option} {shlex.quote(str(self.directory))}"
        return f"`{line}`" if quoted else line


def _of_ecampus(before: university.University, after: university.University) -> list[Try]:
    left = next(
        s for s, now in zip(before.students, after.students, strict=False)
        if s != now and {r.state for r in now.registrations} == {"A"} and s.number not in before.no_account
    )  # fmt: skip
    course = left.registrations[0].elements[0]
    return [
        Try(
            "ecampus", f"participants {course}", "Who is in a course, how they came there, and by which run:"
        ),
        Try(
            "ecampus",
            f"why {left.number} {course}",
            "A student who left the university, and is suspended. Why:",
        ),
        Try("ecampus", f"history {left.number}", "Everything that ever changed for this student:"),
        Try("ecampus", "show 2", "What the second night did:"),
        Try(
            "ecampus", "undo 2 --dry-run", "What it would mean to take it back (without --dry-run: it asks):"
        ),
    ]


def _of_sante(year: str, changing: str) -> list[Try]:
    return [
        Try("sante", "plan", "What the next night would do:"),
        Try(
            "sante",
            f"plan --person {changing}",
            "The same for one student, who goes from médecine to maïeutique:",
        ),
        Try("sante", f"list cohort MAI2-{year}", "Who is in a cohort, and which courses it opens:"),
        Try("sante", "nightly", "The night itself:"),
    ]


def _program() -> str:
    """Greffe as whoever called it can call it again."""
    mine = Path(sys.argv[0]).absolute()
    if mine.name == "__main__.py":
        return f"{shlex.quote(sys.executable)} -m greffe"
    found = shutil.which("greffe")
    return "greffe" if found and Path(found).resolve() == mine.resolve() else shlex.quote(str(mine))
