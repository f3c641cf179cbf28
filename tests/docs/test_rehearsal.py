"""Every command that the documentation shows is typed, page by page, on a small campus."""

from __future__ import annotations

import io
import json
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import click
import pytest

from greffe import logs
from greffe.cli import run
from greffe.cli.app import app
from greffe.errors import Exit
from tests.docs import fence, pages
from tests.docs.campus import EVENTS, Campus, campus_of, campus_template
from tests.docs.pages import Block, Command
from tests.lab.server import Server
from tests.telling.post import Post, post

ELSEWHERE = frozenset(
    ["alias", "apt", "apt-get", "cat", "cd", "chgrp", "chmod", "chown", "cp", "crontab", "curl", "docker", "echo", "export", "git", "grep", "install", "journalctl", "jq", "ldapsearch", "less", "ln", "loginctl", "ls", "man", "mkdir", "mkfs", "mysql", "php", "pip", "pip-audit", "pipx", "podman", "ps", "psql", "python", "python3", "rm", "rsync", "runuser", "setfacl", "source", "su", "systemctl", "systemd-analyze", "tail", "tar", "touch", "useradd", "watch", "wget", "ci/bench", "ci/demo", "ci/docs", "ci/image", "ci/lint", "ci/test", "ci/release", "mariadb", "mariadb-dump", "mysqldump", "pg_dump", "/opt/greffe/bin/pip"]
)  # fmt: skip
"""First words of lines that need another machine: only their syntax is looked at."""

TYPED = frozenset(
    [
        "", "advise", "apply", "approve", "audit", "backup", "cohorts", "completion", "convert", "doctor", "enrol", "grants",
        "health", "history", "init", "list", "mail", "manual", "messages", "methods", "migrate", "nightly", "participants", "plan",
        "plugin prepare", "prune", "release", "renew", "restore", "rollover", "runs", "setup", "show", "sql", "summary", "undo",
        "why", "why-not",
    ]
)  # fmt: skip
"""Commands that touch nothing but the database of the site that the configuration names, and files that they are told to
write. Any other is an error and is not typed: these tests may run as root, on a machine that is somebody's."""

NOT_RUN = {
    r"demo\b": "makes sites of its own: tests/integration/test_demo.py and test_demo_kept.py run it whole",
    r"message\b": "needs Moodle's plugin and its rights: tests/plugin/test_messages.py sends real ones",
    r"plugin finish\b": "only after Moodle's own upgrade: tests/plugin/test_install.py runs both",
    r"setup\b.* --yes\b": "changes the machine: tests/unit/test_setup.py does it in a directory, tests/deployment/ on a machine",
    r"(nightly|plan|doctor|health)\b.* --all\b": "looks for its sites where this machine has them: tests/telling/test_sites.py",
}
"""Commands of Greffe whose arguments are only looked at, and why."""

GOES_ON = "its new configuration stays"
"""The event after which ``greffe init`` writes what the rest of the page uses."""
UPGRADE = "php admin/cli/upgrade.php"

DONE = {Exit.DONE}
LOOKED = {Exit.DONE, Exit.CHANGES_PENDING}
ENDINGS: list[tuple[str, set[Exit]]] = [
    (r"\baudit\b", {Exit.DONE, Exit.FOUND_WARNINGS, Exit.FOUND_ERRORS}),
    (r"\bplan\b", LOOKED),
    (r"\bsetup\b", LOOKED),
    (r"--dry-run\b", LOOKED),
    (
        r"\bhealth\b",
        {Exit.DONE, Exit.BUG, Exit.USAGE},
    ),  # the codes of Nagios: whatever it finds, but not UNKNOWN
]
"""How a command may end where the page does not say it (``# exit code 4``)."""


class Terminal(io.StringIO):
    """Somebody who sits there and says yes."""

    def isatty(self) -> bool:
        """A terminal."""
        return True


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
        place = _global_words(words) + 1
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


_HELD = ("guard", "courses-held", "cohorts-held")


def _still_to_come(word: str) -> str:
    """The end of a year that a page names stays one that is to come, whenever this runs."""
    today = datetime.now(UTC).date()
    if re.fullmatch(r"\d{4}-\d\d-\d\d", word) and word <= today.isoformat():
        return f"{today.year + 1}{word[4:]}"
    return word


def words_of(line: str) -> list[str]:
    """The words of a line, without who runs it, with which environment, and where Greffe lives."""
    words = shlex.split(line)
    if words[0] == "sudo":
        words = words[3:] if words[1] == "-u" else words[1:]
    while words and re.match(r"[A-Z_]+=", words[0]):
        words = words[1:]
    if words and words[0].endswith("/bin/greffe"):
        words[0] = "greffe"
    return words or ["export"]


def name_of(words: list[str]) -> str:
    """``nightly``, ``plugin finish``: which command the words after ``greffe`` call; '' for none."""
    found = [word for word in words[_global_words(words) :] if not word.startswith("-")]
    return " ".join(found[:2]) if found[:1] == ["plugin"] else "".join(found[:1])


def _global_words(words: list[str]) -> int:
    """How many words stand before the command: options of all commands, and their values."""
    valued = {o for p in app.params if isinstance(p, click.Option) and not p.is_flag for o in p.opts}
    place = 0
    while place < len(words) and words[place].startswith("-"):
        place += 2 if words[place] in valued else 1
    return place


def is_run(words: list[str]) -> bool:
    """Whether a command is typed, and not only looked at."""
    line = shlex.join(words[_global_words(words) :])
    return not any(re.match(pattern, line) for pattern in NOT_RUN)


def ending(command: Command, words: list[str]) -> set[Exit]:
    """The exit codes that are right here."""
    if said := re.search(r"(?:exit code|code de sortie) (\d+)", _source(command)):
        return {Exit(int(said[1]))}
    line = shlex.join(words)
    return next((codes for pattern, codes in ENDINGS if re.search(pattern, line)), DONE)


def _source(command: Command) -> str:
    return pages.page(command.page).text.splitlines()[command.line - 1]


def _plain(line: str) -> str:
    """A line of an answer without what differs from one machine and moment to the next."""
    line = re.sub(r"/\S*/(?=\w)", "/", line)
    line = re.sub(r"\b[0-9a-f]{8,64}\b", "#", line)
    line = re.sub(r"\d+", "#", line)
    return " ".join(re.sub(r"[─━╌]+", "─", line).split())


def accept(command: Command, words: list[str], wrong: list[str]) -> None:
    """Its arguments are such that click takes them."""
    try:
        context = app.make_context("greffe", list(words))
        group: click.Group = app
        rest = [*context._protected_args, *context.args]
        while True:
            name, found, rest = group.resolve_command(context, rest)
            assert found is not None
            context = found.make_context(str(name), rest, parent=context)
            if not isinstance(found, click.Group):
                return
            group, rest = found, [*context._protected_args, *context.args]
    except click.ClickException as e:
        wrong.append(f"{command.where}: {e.format_message()}")


def shown() -> list[str]:
    """Pages that show a command."""
    return [n for n in pages.names() if any(b.commands() for b in pages.page(n).blocks())]


@pytest.fixture(scope="module")
def template(postgresql_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The campus that each page gets a copy of."""
    with campus_template(postgresql_server, tmp_path_factory.mktemp("first")) as name:
        yield name


@pytest.fixture(scope="module")
def letters() -> Iterator[Post]:
    """A mail server, for all pages."""
    with post() as server:
        yield server


@pytest.fixture
def campus(postgresql_server: Server, template: str, letters: Post, tmp_path: Path) -> Iterator[Campus]:
    """A campus for one page."""
    with campus_of(postgresql_server, template, tmp_path, letters.port) as made:
        yield made


def test_every_line_is_one_that_a_shell_reads() -> None:
    """Those too that cannot be typed here."""
    lines = [c.text for n in shown() for b in pages.page(n).blocks() for c in b.commands()]
    read = subprocess.run(["bash", "-n"], input="\n".join(lines), capture_output=True, text=True, check=False)
    assert (read.returncode, read.stderr) == (0, "")


@pytest.mark.parametrize(
    "line",
    [
        "greffe setup ecampus --yes",
        "greffe --debug setup ecampus --cron --yes",
        "greffe nightly --all",
        "greffe -c /etc/greffe/ecampus.toml health --all",
        "sudo /opt/greffe/bin/greffe new-command",
    ],
)
def test_what_could_touch_the_machine_is_not_typed(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def typed(words: list[str]) -> int:
        raise AssertionError(words)

    monkeypatch.setattr(f"{__name__}.run", typed)
    session = Session(cast("Campus", None), cast("pytest.CaptureFixture[str]", None), monkeypatch)
    session.line(Command("README.md", 1, line))
    assert session.wrong or "new-command" not in line


def socket_to(host: str) -> None:
    """Speak to a mail server."""
    with socket.socket() as one:
        one.settimeout(1)
        one.connect((host, 25))


@pytest.mark.parametrize(
    "reach",
    [
        lambda there: (there / "new").write_text("x"),
        lambda there: (there / "new").mkdir(),
        lambda there: (there / "old").unlink(),
        lambda there: (there / "old").rename("taken"),
        lambda there: (there / "old").chmod(0o777),
        shutil.rmtree,
        lambda _: Path("link").write_text("x"),
        lambda _: subprocess.run(["true"], check=True),
        lambda _: socket_to("192.0.2.1"),
    ],
)
def test_nothing_reaches_over_the_fence(
    reach: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a command may come to do one day: the machine stays as it is."""
    inside, there = tmp_path / "inside", tmp_path / "there"
    for each in (inside, there):
        each.mkdir()
    (there / "old").write_text("as it was")
    (inside / "link").symlink_to(there / "old")
    monkeypatch.chdir(inside)
    with fence.around(inside) as crossed:
        Path("own").write_text("x")
        with pytest.raises(fence.OutsideError):
            reach(there)
    assert len(crossed) == 1
    assert [f.name for f in there.iterdir()] == ["old"]
    assert ((there / "old").read_text(), (there / "old").stat().st_mode & 0o777) == ("as it was", 0o644)


@pytest.mark.parametrize("name", shown())
def test_what_the_page_shows_can_be_typed(
    name: str, campus: Campus, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(campus.root)
    monkeypatch.setattr("tempfile.tempdir", str(campus.root / "tmp"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("GREFFE_CONFIG", str(campus.root / "greffe.toml"))
    session = Session(campus, capsys, monkeypatch)
    blocks = list(pages.page(name).blocks())
    for number, block in enumerate(blocks):
        session.goes_on |= any(b.language == "toml" for b in blocks[number:])
        session.block(block)
    assert not session.wrong, "\n\n".join(session.wrong)
