"""``greffe demo --keep``: what it leaves running is what it says, is private, and is gone once it is stopped."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from stat import S_IMODE, S_ISSOCK

import pytest

from greffe.cli import run

pytestmark = pytest.mark.postgresql
GREFFE = [sys.executable, "-m", "greffe"]
Demo = Callable[..., tuple[int, str, str]]


@dataclass
class Kept:
    """A demonstration that is kept: its directory, its server's process, and what it said was worth a try."""

    directory: Path
    pid: int
    tries: dict[str, str]
    """The command's first words → the whole line."""

    @property
    def data(self) -> Path:
        """Its server's directory."""
        return self.directory / "postgresql"

    def alive(self) -> bool:
        """Whether its server runs, and does not only wait for a parent to notice that it does not."""
        try:
            return str(self.data).encode() in Path(f"/proc/{self.pid}/cmdline").read_bytes()
        except FileNotFoundError:
            return False


def _typed(line: list[str]) -> subprocess.CompletedProcess[str]:
    """In a process of its own, as whatever outlives it has to be tried."""
    return subprocess.run(
        line, capture_output=True, text=True, check=False, timeout=120, stdin=subprocess.DEVNULL, cwd="/"
    )


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Where the embedded server's own user can get to, under a path that is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="greffe-test-") as directory:
        Path(directory).chmod(0o711)
        yield Path(directory).resolve()


@pytest.fixture(scope="module")
def kept(place: Path) -> Iterator[Kept]:
    """One of them, made once."""
    directory = place / "kept here"
    done = _typed([*GREFFE, "demo", "--keep", str(directory), "--json"])
    try:
        assert done.returncode == 0, done.stderr
        said = json.loads(done.stdout)
        tries = [t["command"] for t in said["try"]]
        names = [line.partition(".toml' ")[2] for line in tries]
        yield Kept(directory, said["pid"], dict(zip(names, tries, strict=True)))
    finally:
        run(["demo", "--stop", str(directory), "--yes"])


@pytest.fixture
def demo(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Demo:
    """``greffe demo`` with an option and a directory: its exit code, and what it said on each stream."""
    monkeypatch.setattr("sys.stdin", StringIO())

    def ended(option: str, directory: Path, *more: str) -> tuple[int, str, str]:
        code = run(["demo", option, str(directory), *more])
        return code, *capfd.readouterr()

    return ended


def test_each_command_that_it_names_shows_something(kept: Kept, capfd: pytest.CaptureFixture[str]) -> None:
    shown = {}
    for name, line in kept.tries.items():
        typed = shlex.split(line)
        assert typed[:3] == GREFFE
        code = run(typed[3:])
        out, err = capfd.readouterr()
        assert (code, err) == (3 if name.startswith(("plan", "undo")) else 0, ""), line
        shown[name.split()[0] + (" --person" if "--person" in name else "")] = out
    assert "Suspended" in shown["participants"]
    assert "suspended by run 2" in shown["why"]
    assert shown["history"].count("suspend ") > 5
    assert "enrolments suspended" in shown["show"]
    assert "enrolments reactivated" in shown["undo"]
    assert "put into cohorts" in shown["plan"]
    assert "in 2 cohorts" in shown["plan --person"]
    assert "Obstétrique" in shown["list"]
    assert "Run 2 made" in shown["nightly"]


def test_nobody_else_can_get_at_it(kept: Kept) -> None:
    assert S_IMODE(kept.directory.stat().st_mode) & 0o007 == 0
    assert S_IMODE(kept.data.stat().st_mode) == 0o700
    socket = (kept.data / ".s.PGSQL.5432").stat()
    assert S_ISSOCK(socket.st_mode)
    held = (kept.data / "postmaster.pid").read_text().splitlines()
    # no address of a network, and a session of its own, which no terminal's end reaches
    assert held[5] == ""
    assert int(Path(f"/proc/{kept.pid}/stat").read_text().rpartition(")")[2].split()[3]) == kept.pid


def test_a_directory_is_taken_once(kept: Kept, place: Path, demo: Demo) -> None:
    code, out, err = demo("--keep", kept.directory)
    assert (code, out) == (2, "")
    assert "is a demonstration already" in err
    assert "--start" in err
    (place / "full").mkdir()
    (place / "full" / "mine").touch()
    code, _, err = demo("--keep", place / "full")
    assert code == 2
    assert "is there already" in err
    code, _, err = demo("--keep", place / "nowhere" / "here")
    assert code == 2
    assert f"there is no directory {place / 'nowhere'}" in err
    for option in ("--stop", "--start"):
        code, _, err = demo(option, place / "full")
        assert code == 2
        assert "is no demonstration that was kept" in err
    assert (place / "full" / "mine").exists()
    assert kept.alive()


def test_moved_or_copied_it_is_refused_and_can_be_taken_away(kept: Kept, place: Path, demo: Demo) -> None:
    away = place / "away"
    kept.directory.rename(away)
    code, out, err = demo("--start", away)
    away.rename(kept.directory)
    assert (code, out) == (2, "")
    assert f"was made in {kept.directory}, and moved or copied from there" in err
    assert f"→ Move it back to {kept.directory}; or take this one away with" in err
    assert f"demo --stop {away}`" in err
    assert demo("--start", kept.directory)[0] == 0

    _typed(["cp", "-a", str(kept.directory), str(away)])
    assert demo("--start", away)[0] == 2
    assert demo("--stop", away, "--yes")[0] == 0
    assert not away.exists()
    assert kept.alive()


def test_a_path_that_no_socket_can_have_is_refused_first(place: Path, demo: Demo) -> None:
    far = place / ("x" * 90)
    code, _, err = demo("--keep", far)
    assert code == 2
    assert "its path is too long" in err
    assert not far.exists()


def test_it_goes_on_after_a_restart_and_is_gone_once_it_is_stopped(kept: Kept, demo: Demo) -> None:
    held = kept.data / "postmaster.pid"
    before = held.read_text()
    os.kill(kept.pid, signal.SIGINT)
    assert _soon(lambda: not held.exists())
    # what a power cut leaves: an id that is nobody's now
    held.write_text(before.replace(str(kept.pid), "4194303", 1))

    assert "is a demonstration already" in demo("--keep", kept.directory)[2]
    started = _typed([*GREFFE, "demo", "--start", str(kept.directory), "--json"])
    assert started.returncode == 0, started.stderr
    kept.pid = json.loads(started.stdout)["pid"]
    assert kept.alive()
    assert json.loads(demo("--start", kept.directory, "--json")[1])["pid"] == kept.pid
    assert run(["-c", str(kept.directory / "ecampus.toml"), "runs"]) == 0

    (kept.directory / "mine.csv").write_text("theirs")
    code, _, err = demo("--stop", kept.directory)
    assert code == 2
    assert "give --yes" in err
    assert kept.alive()
    code, out, err = demo("--stop", kept.directory, "--yes")
    assert code == 0, err
    assert "mine.csv" in out
    assert [p.name for p in kept.directory.iterdir()] == ["mine.csv"]
    assert _soon(lambda: not kept.alive())


def test_stopped_while_it_is_made_it_leaves_nothing(place: Path) -> None:
    directory = place / "never"
    making = subprocess.Popen(
        [*GREFFE, "demo", "--keep", str(directory)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert _soon((directory / "ecampus" / "ip.csv").exists)
    pid = json.loads((directory / "greffe-demo.json").read_text())["pid"]
    making.send_signal(signal.SIGTERM)
    out, err = making.communicate(timeout=60)
    assert making.returncode == 8, out + err
    assert "Traceback" not in err
    assert not directory.exists()
    assert not Kept(directory, pid, {}).alive()


def _soon(true: Callable[[], bool]) -> bool:
    for _ in range(300):
        if true():
            return True
        time.sleep(0.1)
    return False
