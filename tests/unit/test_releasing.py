"""What ci/release says of an audit, and how it packs the plugin."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def releasing(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "ci" / "releasing.py", *words],
        capture_output=True, text=True, check=False, env={**os.environ, "SOURCE_DATE_EPOCH": "1764000000"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("dependencies", "said"),
    [
        ([{"name": "a", "version": "1", "vulns": []}], ""),
        ([{"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1"}, {"id": "X"}]}], "a 1: PYSEC-1, X"),
        ([{"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "not found"}], "nobody could be asked for known vulnerabilities (b)"),
        ([], "(no answer)"),
    ],
)  # fmt: skip
def test_an_audit(tmp_path: Path, dependencies: list[dict[str, Any]], said: str) -> None:
    answer = tmp_path / "audit.json"
    answer.write_text(json.dumps({"dependencies": dependencies}))
    done = releasing("audit", answer)
    assert done.returncode == (1 if said else 0)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_asked_for(tmp_path: Path) -> None:
    found = [
        {"metadata": {"name": n, "version": v}} for n, v in (("greffe", "1"), ("rich", "13"), ("click", "8"))
    ]
    (tmp_path / "all.json").write_text(json.dumps({"install": found}))
    assert releasing("requirements", tmp_path / "all.json", tmp_path / "asked.txt").returncode == 0
    assert (tmp_path / "asked.txt").read_text() == "click==8\nrich==13\n"


def test_no_audit_at_all(tmp_path: Path) -> None:
    done = releasing("audit", tmp_path / "none.json")
    assert done.returncode == 1
    assert "try with --offline" in done.stderr


def test_the_plugin_is_packed_as_moodle_takes_it(tmp_path: Path) -> None:
    plugin = ROOT / "moodle_plugin" / "local" / "greffe"
    for room in ("one", "two"):
        (tmp_path / room).mkdir()
        assert releasing("plugin-zip", plugin, tmp_path / room).returncode == 0
    (packed,) = (tmp_path / "one").iterdir()
    assert packed.name.startswith("local_greffe-")
    assert packed.read_bytes() == (tmp_path / "two" / packed.name).read_bytes()
    with zipfile.ZipFile(packed) as archive:
        names = set(archive.namelist())
    assert names == {f"greffe/{f.relative_to(plugin)}" for f in plugin.rglob("*") if f.is_file()}
    assert "greffe/version.php" in names


@pytest.mark.long
def test_a_release_is_built_twice_and_the_same(tmp_path: Path) -> None:
    done = subprocess.run(
        [ROOT / "ci" / "release", "--as-it-is", "--offline"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    made = {p.name: p for p in (ROOT / "dist").iterdir()}
    (bill,) = (p for name, p in made.items() if name.endswith(".cdx.json"))
    components = {c["name"]: c for c in json.loads(bill.read_text())["components"]}
    assert {"greffe", "click", "psycopg"} <= set(components)
    assert not {"pip", "setuptools"} & set(components)
    assert "file://" not in bill.read_text()
    assert "NOT asked for known vulnerabilities" in done.stderr
    sums = subprocess.run(
        ["sha256sum", "--check", "SHA256SUMS"], cwd=ROOT / "dist", check=True, capture_output=True
    )
    assert sums.stdout.count(b": OK") == len(made) - 1 == 4
