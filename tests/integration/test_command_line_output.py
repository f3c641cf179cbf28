"""Where the answers of a command go: reports, terminals with few letters, full disks."""

from __future__ import annotations

import io
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from greffe.cli import run
from greffe.errors import Exit
from tests.integration.commandline import Site


def test_report_of_a_night(site: Site) -> None:
    _, night = site.json("nightly")
    file = Path(night["report"])
    assert file.parent == site.directory / "reports"
    assert file.name.endswith("-run-1.html")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script" not in text
    assert site.site.password == "" or site.site.password not in text


def test_a_report_that_cannot_be_written_is_told(site: Site) -> None:
    (site.directory / "reports").rmdir()
    code, _ = site("nightly")
    assert code == Exit.DONE
    assert "no report was written" in site.err
    assert site.json("plan")[0] == Exit.DONE


def test_a_name_that_the_terminal_cannot_show(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.site.execute("UPDATE {course} SET shortname = '日本' WHERE idnumber = 'C1'")
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="latin-1"))
    code = run(["-c", str(site.directory / "greffe.toml"), "nightly"])
    assert code == Exit.DONE
    assert b"Run 1 made 201 changes" in raw.getvalue()


def test_a_full_disk_is_no_fault_of_greffe(site: Site) -> None:
    words = ["-c", str(site.directory / "greffe.toml"), "plan"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "greffe", *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == Exit.USAGE
    assert done.stderr.splitlines()[0] == "greffe: the output cannot be written: No space left on device"
    assert len(done.stderr.splitlines()) == 2
