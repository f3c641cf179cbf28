"""Several sites as processes: one that is killed, hangs or cannot start takes no other along."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from greffe.cli import run
from greffe.cli.exits import gravest
from greffe.commands import sites
from greffe.errors import Exit
from tests.telling.post import listener

MOODLE = "[moodle]\ntype = 'pgsql'\nhost = '127.0.0.1'\nport = 1\nname = 'x'\nuser = 'x'\n"


def write(directory: Path, **sites: str) -> list[str]:
    """Configurations, and the command that runs all of them. The site's text is its password command."""
    for name, command in sites.items():
        secret = f'password = {{ command = """{command}""" }}\n'
        (directory / f"{name}.toml").write_text(MOODLE + secret, encoding="utf-8")
    return ["nightly", "--all", "--directory", str(directory), "--json"]


def test_a_killed_site_takes_no_other_along(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.txt").write_text("not a site", encoding="utf-8")
    (tmp_path / "a.toml").write_text("[moodle", encoding="utf-8")
    command = write(tmp_path, killed="sh -c 'kill -9 $PPID'", z_down="echo secret")
    assert run([*command, "--parallel", "3"]) == Exit.DATABASE
    out, err = capsys.readouterr()
    found = {s["site"]: (s["exit"], s["text"]) for s in json.loads(out)["sites"]}
    assert list(found) == ["a", "killed", "z_down"]
    assert found["a"][0] == Exit.USAGE
    assert "is not valid TOML" in found["a"][1]
    assert found["killed"] == (Exit.INTERRUPTED, "ended by SIGKILL; the next night finishes")
    assert found["z_down"][0] == Exit.DATABASE
    assert "z_down: greffe: the site's database cannot be reached" in err


def test_a_stop_is_passed_on_and_waited_for(tmp_path: Path) -> None:
    started = tmp_path / "started"
    command = write(tmp_path, a=f"sh -c 'touch {started}; sleep 3'", b="echo never")
    process = subprocess.Popen([sys.executable, "-m", "greffe", *command], stdout=subprocess.PIPE)
    until = time.monotonic() + 20
    while not started.exists():
        assert time.monotonic() < until
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == Exit.INTERRUPTED
    found = {s["site"]: (s["exit"], s["text"]) for s in json.loads(out)["sites"]}
    assert found["a"][0] == Exit.INTERRUPTED
    assert found["b"] == (Exit.INTERRUPTED, "not begun: stopped by a signal")


@pytest.mark.parametrize("command", ["nightly", "doctor"])
def test_nobody_is_named_where_nobody_shall_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    mail = "[moodle]\n[mail]\nserver = 'x'\nsender = 'Jean Dupont'\nto = ['x@y.fr']\n"
    (tmp_path / "a.toml").write_text(mail, encoding="utf-8")
    words = [command, "--all", "--directory", str(tmp_path), "--json"]
    for more, named in ([], True), (["--anonymise"], False):
        assert run([*words, *more]) == Exit.USAGE
        out, err = capsys.readouterr()
        assert "is no address" in out
        assert ("Dupont" in out + err) is named


@pytest.mark.parametrize("deaf", [False, True])
def test_a_site_that_hangs_does_not_keep_the_next_from_its_night(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, deaf: bool
) -> None:
    monkeypatch.setattr(sites, "LONGEST", 6)
    monkeypatch.setattr(sites, "FINISHING", 1)
    hang = "kill -STOP $PPID; exit 1" if deaf else "sleep 60"
    began = time.monotonic()
    assert run(write(tmp_path, a=f"sh -c '{hang}'", b="echo secret")) == Exit.DATABASE
    assert time.monotonic() - began < 40
    found = {s["site"]: (s["exit"], s["text"]) for s in json.loads(capsys.readouterr().out)["sites"]}
    assert found["a"][0] == Exit.INTERRUPTED
    assert "had not ended after" in found["a"][1]
    assert found["b"][0] == Exit.DATABASE


def test_no_sites(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["nightly", "--all", "--directory", str(tmp_path)]) == Exit.USAGE
    assert f"{tmp_path}: holds no configuration" in capsys.readouterr().err
    assert run(["doctor", "--all", "--directory", str(tmp_path / "none")]) == Exit.USAGE
    assert run(["health", "--all", "--directory", str(tmp_path)]) == 3


@pytest.mark.parametrize(
    ("codes", "together"),
    [
        ([], 0), ([0, 0], 0), ([0, 10], 10), ([10, 5], 5), ([5, 4], 4), ([4, 8], 8), ([8, 2], 2), ([2, 6], 6),
        ([6, 7], 7), ([7, 1, 0], 1),
    ],
)  # fmt: skip
def test_the_gravest_code_is_the_code_of_all(codes: list[int], together: int) -> None:
    assert gravest(codes) == together


def test_what_is_told_survives_a_state_that_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK", "x")
    (tmp_path / "file").touch()
    (tmp_path / "greffe.toml").write_text(
        f"{MOODLE}[run]\nstate = '{tmp_path / 'file'}'\n[webhook]\nurl = 'http://127.0.0.1:9/'\nsecret = {{ env = 'HOOK' }}\non = ['summary']\n",
        encoding="utf-8",
    )
    assert run(["-c", str(tmp_path / "greffe.toml"), "nightly"]) == Exit.DATABASE
    err = capsys.readouterr().err
    assert "what was told cannot be remembered" in err


def test_a_killed_night_is_told_of_by_its_service(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK", "x")
    config = tmp_path / "ecampus.toml"
    with listener() as server:
        config.write_text(
            f"{MOODLE}password = {{ command = \"sh -c 'kill -9 $PPID'\" }}\n[run]\nstate = '{tmp_path}'\n"
            f"[webhook]\nurl = '{server.url}'\nsecret = {{ env = 'HOOK' }}\n",
            encoding="utf-8",
        )
        done = subprocess.run([sys.executable, "-m", "greffe", "-c", config, "nightly"], check=False)
        assert done.returncode == -signal.SIGKILL
        assert not server.requests
        assert run(["-c", str(config), "mail", "--failed"]) == Exit.DONE
        (request,) = server.requests
        assert (request.json["event"], request.json["error"]) == ("failure", "InterruptedRunError")
        assert run(["-c", str(config), "mail", "--failed"]) == Exit.DONE
        assert len(server.requests) == 1
        assert "said itself how it ended" in capsys.readouterr().out
        assert run(["-c", str(config), "mail"]) == Exit.USAGE


def test_a_stop_while_a_night_is_told_of_changes_nothing_of_how_it_ended(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(20)
        (tmp_path / "ecampus.toml").write_text(
            f"{MOODLE}[run]\nstate = '{tmp_path}'\n[webhook]\nurl = 'http://localhost:{silent.getsockname()[1]}/'\n"
            "secret = { command = 'echo x' }\n",
            encoding="utf-8",
        )
        process = subprocess.Popen(
            [sys.executable, "-m", "greffe", "-c", tmp_path / "ecampus.toml", "nightly"],
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        connection, _ = silent.accept()
        with connection:
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=20)
    assert process.returncode == Exit.DATABASE
    assert "a signal came while the night was told of" in err
