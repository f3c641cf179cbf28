"""The demonstration end to end, as anybody meets it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from greffe.demo.extracts import deliver
from greffe.demo.university import found, next_day

pytestmark = pytest.mark.postgresql


def _start(directory: Path, *arguments: str) -> subprocess.Popen[str]:
    places = {"TMPDIR": str(directory / "tmp"), "COLUMNS": "120"}
    return subprocess.Popen(
        [sys.executable, "-m", "greffe", "demo", *arguments],
        cwd=directory,
        env=os.environ | places,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # a shell that starts tests in the background has SIGINT ignored, and children inherit that
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )


@pytest.fixture
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place that the embedded server's own user can reach."""
    base = tmp_path_factory.mktemp("demo")
    (base / "tmp").mkdir()
    return base


def test_the_story_is_told_and_leaves_only_its_report(directory: Path) -> None:
    done = _start(directory, "--json")
    out, err = done.communicate(timeout=300)
    assert done.returncode == 0, err
    story = json.loads(out)
    nights = story["nights"]
    assert [(n["kind"], n["state"], n["exit"]) for n in nights] == [
        ("nightly", "done", 0),
        ("nightly", "done", 0),
        ("nightly", "partial", 5),
        ("nightly", "held", 4),
        ("undo", "done", 0),
    ]
    first, second, third, fourth, undone = nights
    assert first["counts"]["enrol"] > 50_000
    assert first["counts"]["create-method"] == 300
    assert second["counts"]["suspend"] > 200
    assert second["counts"]["enrol"] > 400
    assert third["counts"] == {}
    assert any("shrank" in p for f in third["feeds"] if f["name"] == "ip" for p in f["problems"])
    assert fourth["counts"] == {}
    assert {v["kind"] for v in fourth["verdicts"] if v["level"] == "feed"} >= {"suspensions", "at-most"}
    assert undone["counts"]["unenrol"] == second["counts"]["enrol"]
    assert undone["counts"]["reactivate"] == second["counts"]["suspend"]
    assert sorted(p.name for p in directory.iterdir()) == ["greffe-demo-report.html", "tmp"]
    assert [p.name for p in (directory / "tmp").iterdir()] == []
    assert "Night 3: half an extract" in (directory / "greffe-demo-report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_in_the_middle_it_leaves_nothing(directory: Path, number: signal.Signals) -> None:
    running = _start(directory)
    for _ in range(300):
        if list((directory / "tmp").glob("greffe-demo-*/site/ip.csv")) or running.poll() is not None:
            break
        time.sleep(0.1)
    assert running.poll() is None
    running.send_signal(number)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 8, out + err
    assert "Traceback" not in err
    assert not list((directory / "tmp").glob("greffe-*"))
    assert not (directory / "greffe-demo-report.html").exists()


def test_the_extracts_carry_the_faults_of_real_ones(tmp_path: Path) -> None:
    university = found("2026")
    deliver(university, tmp_path)
    text = (tmp_path / "ip.csv").read_text(encoding="cp1252")
    rows = [line.split(";") for line in text.splitlines()[1:]]
    assert any(r[6].endswith("\xa0") for r in rows)
    assert any(len(r[1]) == 7 for r in rows)
    assert {r[0] for r in rows} == {"2024", "2026"}
    assert {r[7] for r in rows} == {"N", "O"}
    said = [(r[1], r[6]) for r in rows if r[0] == "2026"]
    assert len(said) > len(set(said))
    codes = {e.code for e in university.courses}
    assert any(r[6].strip() not in codes for r in rows)
    assert (tmp_path / "ade.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert '"' in (tmp_path / "ade.csv").read_text(encoding="utf-8")


def test_the_university_is_the_same_every_time() -> None:
    assert found("2026") == found("2026")
    assert next_day(found("2026")) == next_day(found("2026"))
    assert len(found("2026").students) == 5000
    assert len(found("2026").teachers) == 200
    assert len(found("2026").courses) == 300
