"""A page as somebody reads it who types what it shows, from top to bottom."""

from __future__ import annotations

import json
import re
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from greffe import logs
from greffe.cli import run
from greffe.errors import Exit
from tests.docs import fence
from tests.docs.campus import EVENTS, Campus
from tests.docs.pages import Block, Command
from tests.docs.shell import ELSEWHERE, TYPED, accept, ending, global_words, is_run, name_of, words_of
from tests.integration.commandline import Terminal

GOES_ON = "its new configuration stays"
"""The event after which ``greffe init`` writes what the rest of the page uses."""
UPGRADE = "php admin/cli/upgrade.php"
_HELD = ("guard", "courses-held", "cohorts-held")


@dataclass
class Session:
    """One page, read from top to bottom by somebody who types what it shows."""

    campus: Campus
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch
    wrong: list[str] = field(default_factory=list)
    goes_on: bool = False
    """Whether the page writes more into the configuration that ``greffe init`` has begun."""
    begun: Path | None = None
    """That configuration."""
    using: Path | None = None

    def block(self, block: Block) -> None:
        """What happens before it, then its lines."""
        for event in filter(None, block.rehearsal.split(", ")):
            if event == GOES_ON:
                self.goes_on = True
            else:
                EVENTS[event](self.campus)
        for command in block.commands():
            self.line(command)
        if block.language == "toml" and self.begun is not None and self.begun == self.using:
            text = self.begun.read_text(encoding="utf-8")
            self.begun.write_text(f"{text}\n{self._here(block.text)}", encoding="utf-8")

    def line(self, command: Command) -> None:
        """One line of a shell."""
        for part in command.text.split(" && "):
            words = words_of(part.partition(" | ")[0])
            if words[0] == "greffe":
                self.greffe(command, words[1:])
            elif part.startswith(UPGRADE):
                self.campus.greffe("plugin", "prepare", "--back")  # what was set aside is in service again
            elif words[0] not in ELSEWHERE:
                self.wrong.append(f"{command.where}: {words[0]} is neither Greffe's nor in ELSEWHERE")

    def greffe(self, command: Command, typed: list[str]) -> None:
        """A command of Greffe: run, its end and what it answers compared with what the page says."""
        kind = name_of(typed)
        if not is_run(typed):
            accept(command, typed, self.wrong)
            return
        if kind not in TYPED:
            self.wrong.append(
                f"{command.where}: not typed: put {kind!r} into TYPED or NOT_RUN, by what it touches"
            )
            return
        alone = "--from-enrol-database" in typed and not self.goes_on
        words = self._with_numbers(kind, [_still_to_come(self._here(word)) for word in typed])
        self._before(kind, words, alone=alone)
        moved = self._make_room(kind, words)
        self.capsys.readouterr()
        self.monkeypatch.setattr("sys.stdin", Terminal("y\n" * 9))
        with (
            fence.around(self.campus.root) as crossed,
            redirect_stdout(sys.stdout),
        ):  # a command may close it at its end
            code = run(words)
        logs.stop()
        out, err = self.capsys.readouterr()
        self._put_back(moved)
        if alone:
            self.campus.moodles_own_sync_is_off()
        if crossed:
            self.wrong.append(f"{command.where}: reached for {crossed}")
        expected = ending(command, typed)
        if code not in expected:
            self.wrong.append(
                f"{command.where}: ended with {code}, not {sorted(expected)}\n{out[-1500:]}{err[-1500:]}"
            )
        said = {"", "…", *(_plain(line) for line in (out + err).splitlines())}
        if missing := [line for line in command.output if _plain(line) not in said]:
            self.wrong.append("\n".join([f"{command.where}: does not answer", *missing, "but", out, err]))

    def _before(self, kind: str, words: list[str], *, alone: bool) -> None:
        """What has to be there for a command to have something to do."""
        if "--fix-plan" in words:
            self.campus.role_is_given_twice()
        if alone:
            self.campus.external_database_is_set()
        if kind == "setup":
            words += ["--root", str(self.campus.machine()), "--program", "/bin/true"]
        if kind == "restore":
            file = self.campus.root / words[words.index(kind) + 1]
            if not file.exists():
                assert self.campus.greffe("backup", str(file)) == Exit.DONE
            if "--replace" not in words:
                self.campus.tables_are_lost()

    def _here(self, text: str) -> str:
        """A text with the paths of a machine below the campus's directory: all of them, whatever they begin with."""
        return re.sub(r"(?<![\w/.:}])/(?=\w)", f"{self.campus.root}/", text)

    def _with_numbers(self, kind: str, words: list[str]) -> list[str]:
        """The numbers of this campus's runs, and the digest of what is held here, in place of the page's."""
        place = global_words(words) + 1
        if kind in ("undo", "show"):
            words[place] = str(self._latest())
        if kind == "approve":
            words[place] = self._held()
        return words

    def _runs(self) -> list[dict[str, object]]:
        self.capsys.readouterr()
        assert self.campus.greffe("runs", "--json") == Exit.DONE
        found: list[dict[str, object]] = json.loads(self.capsys.readouterr().out)
        return found

    def _latest(self) -> int:
        """The latest run that there is something to take back of."""
        runs = self._runs()
        back = {r["undoes"] for r in runs}
        return next(
            int(str(r["id"])) for r in runs if r["changes"] and r["kind"] != "undo" and r["id"] not in back
        )

    def _held(self) -> str:
        """What is held; where nothing is, a promotion ends first."""
        if not any(r["digest"] and not self._approved(r) and r["reason"] in _HELD for r in self._runs()[:1]):
            self.campus.promotion_ends()
            assert self.campus.greffe("nightly") == Exit.HELD
        return str(self._runs()[0]["digest"])

    def _approved(self, run: dict[str, object]) -> bool:
        return bool(run.get("approved_by"))

    def _make_room(self, kind: str, words: list[str]) -> Path | None:
        """Where a configuration is to be written there is none yet."""
        if kind != "init":
            return None
        options = [words[words.index(o) + 1] for o in ("--out", "-c") if o in words]
        file = self.campus.root / (options[0] if options else "greffe.toml")
        moved = file.with_suffix(".before")
        file.rename(moved)
        self.begun = file
        return moved

    def _put_back(self, moved: Path | None) -> None:
        """The campus's own configuration stays in use, unless the page goes on with the one that it has begun."""
        if self.begun is None or self.begun == self.using:
            return
        if self.goes_on:
            self.using = self.begun
            self.campus.using = str(self.begun)
            self.monkeypatch.setenv("GREFFE_CONFIG", str(self.begun))
        elif moved is not None:
            moved.rename(self.begun)
            self.begun = None


def _still_to_come(word: str) -> str:
    """The end of a year that a page names stays one that is to come, whenever this runs."""
    today = datetime.now(UTC).date()
    if re.fullmatch(r"\d{4}-\d\d-\d\d", word) and word <= today.isoformat():
        return f"{today.year + 1}{word[4:]}"
    return word


def _plain(line: str) -> str:
    """A line of an answer without what differs from one machine and moment to the next."""
    line = re.sub(r"/\S*/(?=\w)", "/", line)
    line = re.sub(r"\b[0-9a-f]{8,64}\b", "#", line)
    line = re.sub(r"\d+", "#", line)
    return " ".join(re.sub(r"[─━╌]+", "─", line).split())
