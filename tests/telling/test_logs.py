"""Lines about a run: what each form looks like, and that the journal gets its fields."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from greffe import logs
from greffe.cli import run
from greffe.config import parse
from greffe.errors import ConfigError


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    yield
    logs.stop()


def written(form: str, file: Path, level: str = "info") -> list[str]:
    """Lines of an invocation that has a run from its second line on."""
    logs.start(form, str(file), level, "ecampus")
    logs.event("step", "Opening the site")
    logs.about_run(41)
    logs.event("feed", "feed ip: bad, é\nand more", level=logging.WARNING, feed="ip", good=False)
    logs.event("detail", "of no interest", level=logging.DEBUG)
    logs.stop()
    return file.read_text(encoding="utf-8").splitlines()


def test_json_is_an_object_a_line(tmp_path: Path) -> None:
    first, second = (json.loads(line) for line in written("json", tmp_path / "log"))
    assert first["id"] == second["id"]
    assert {k: v for k, v in second.items() if k not in ("id", "time")} == {
        "level": "warning", "site": "ecampus", "run": 41, "event": "feed", "message": "feed ip: bad, é\nand more",
        "feed": "ip", "good": False,
    }  # fmt: skip
    assert "run" not in first
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", first["time"])


def test_text_and_levels(tmp_path: Path) -> None:
    first, second = written("text", tmp_path / "log", "info")
    assert re.fullmatch(r"[\d-]{10} [\d:]{8} INFO ecampus [0-9a-f]{8}: Opening the site", first)
    assert re.search(r"WARNING ecampus [0-9a-f]{8} run 41: feed ip: bad, é�and more$", second)
    assert len(written("json", tmp_path / "debug", "debug")) == 3
    assert len(written("json", tmp_path / "warning", "warning")) == 1


def test_a_file_that_was_moved_away_is_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "log"
    logs.start("text", str(file))
    logs.event("step", "one")
    file.rename(tmp_path / "log.1")
    logs.event("step", "two")
    assert file.read_text(encoding="utf-8").endswith("two\n")


def test_a_log_that_can_no_longer_be_written_ends_no_night(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = tmp_path / "logs"
    directory.mkdir()
    logs.start("json", str(directory / "log"))
    logs.event("step", "one")
    directory.rename(tmp_path / "away")
    for _ in range(3):
        logs.event("step", "two")
    said = capsys.readouterr().err
    assert said.startswith("greffe: lines of the log are lost: ")
    assert said.count("\n") == 1
    directory.mkdir()
    logs.event("step", "three")
    assert "three" in (directory / "log").read_text(encoding="utf-8")
    logs.start("text", "/dev/full")
    logs.event("step", "four")
    assert (
        capsys.readouterr().err == "greffe: lines of the log are lost: [Errno 28] No space left on device\n"
    )


def test_the_journal_gets_fields(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "JOURNAL", tmp_path / "socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(str(tmp_path / "socket"))
        written_to = tmp_path / "none"
        written_to.touch()
        written("journald", written_to)
        first, second = journal.recv(9999), journal.recv(9999)
    assert b"MESSAGE=Opening the site\n" in first
    assert b"PRIORITY=6\n" in first
    assert b"SYSLOG_IDENTIFIER=greffe\n" in second
    assert b"GREFFE_RUN=41\n" in second
    assert b"GREFFE_GOOD=false\n" in second
    text = "feed ip: bad, é\nand more".encode()
    assert b"MESSAGE\n" + len(text).to_bytes(8, "little") + text + b"\n" in second


def test_a_service_writes_to_its_journal_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logs, "JOURNAL", tmp_path / "none")
    monkeypatch.setenv("INVOCATION_ID", "0123456789abcdef0123456789abcdef")
    stderr = open(2, "w", closefd=False)  # noqa: SIM115 - the descriptor itself
    monkeypatch.setattr("sys.stderr", stderr)
    there = os.fstat(2)
    monkeypatch.setenv("JOURNAL_STREAM", f"{there.st_dev}:{there.st_ino}")
    assert run(["-c", str(tmp_path / "none.toml"), "plan"]) == 2
    said = capfd.readouterr().err
    assert f"<3>greffe: {tmp_path}/none.toml: no such file\n" in said

    monkeypatch.setenv("JOURNAL_STREAM", "1:2")
    assert run(["-c", str(tmp_path / "none.toml"), "plan"]) == 2
    assert "<3>" not in capfd.readouterr().err


def test_nobody_is_disturbed_where_nobody_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    said = io.StringIO()
    monkeypatch.setattr("sys.stderr", said)
    logs.event("feed", "bad", level=logging.WARNING)
    assert not said.getvalue()


def test_a_log_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "greffe.toml"
    file.write_text("[moodle]\n[log]\nfile = '/nowhere/greffe.log'\n", encoding="utf-8")
    assert run(["-c", str(file), "plan"]) == 2
    assert "[log] file: /nowhere/greffe.log: No such file" in capsys.readouterr().err
    with pytest.raises(ConfigError, match=r'\[log\] level: give "debug" or "error" or "info" or "warning"'):
        parse({"moodle": {}, "log": {"level": "all"}}, "x.toml")
