"""The demonstration end to end, as anybody meets it."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from greffe.demo import campus
from greffe.demo.ecampus import Ecampus
from greffe.demo.extracts import deliver, deliver_campus
from greffe.demo.sante import Sante
from greffe.demo.stage import stage
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


@dataclass
class Told:
    """What one telling left: its directory, and its document's two platforms."""

    directory: Path
    ecampus: dict[str, Any]
    sante: dict[str, Any]


@pytest.fixture
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place that the embedded server's own user can reach."""
    base = tmp_path_factory.mktemp("demo")
    (base / "tmp").mkdir()
    return base


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Both stories, told once."""
    base = tmp_path_factory.mktemp("told")
    (base / "tmp").mkdir()
    done = _start(base, "--json")
    out, err = done.communicate(timeout=300)
    assert done.returncode == 0, err
    ecampus, sante = json.loads(out)["platforms"]
    return Told(base, ecampus, sante)


def test_a_university_is_told(told: Told) -> None:
    assert told.ecampus["config"] == "ecampus.toml"
    nights = told.ecampus["nights"]
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


def test_a_health_campus_is_told(told: Told) -> None:
    assert told.sante["config"] == "sante.toml"
    nights = told.sante["nights"]
    assert [(n["kind"], n["state"], n["exit"]) for n in nights] == [
        ("nightly", "done", 0),
        ("plan", "planned", 3),
        ("nightly", "done", 0),
        ("plan", "planned", 0),
        ("rollover", "planned", 4),
        ("rollover", "done", 0),
        ("plan", "planned", 0),
    ]
    first, one, second, again, looked, turned, after = nights
    founded = campus.found(_year(first))
    here = {n: s for n, s in founded.now().items() if n not in founded.no_account}
    assert first["counts"]["create-cohort"] == 6
    assert first["counts"]["join-cohort"] == len(here)
    by_cohort, by_meta = _enrolled(first, "cohort"), _enrolled(first, "meta")
    assert by_cohort == sum(_courses_of(stage) for stage in here.values())
    assert 0 < by_meta < by_cohort
    assert first["counts"]["enrol"] == by_cohort + by_meta
    assert _methods(first) == {"cohort": 42 + 29, "meta": 9}

    # one goes from médecine to maïeutique: out of one cohort and its seven courses, into another, with its children
    assert {(c["cohort"], c["action"]) for c in one["changes"] if c["cohort"]} == {
        (f"MED2-{_year(first)}", "leave-cohort"),
        (f"MAI2-{_year(first)}", "join-cohort"),
    }
    acts = {(c["course"].partition(" ← ")[0], c["action"]) for c in one["changes"]}
    assert ("Médecine 2 Anatomie", "unenrol") in acts
    assert ("Maïeutique 2 Obstétrique", "enrol") in acts
    assert ("Tutorat médecine", "suspend") in acts
    assert ("Tutorat maïeutique", "enrol") in acts

    assert second["counts"]["join-cohort"] == campus.ARRIVING + 5 + 1
    assert second["counts"]["leave-cohort"] == campus.LEAVING + 1
    assert again["planned"] == after["planned"] == {}
    assert again["refused"] == after["refused"] == []

    assert looked["counts"] == {}
    assert looked["digest"] == turned["digest"]
    assert turned["approved_by"] == "A. Martin"
    assert turned["planned"] == looked["planned"]
    assert turned["counts"]["create-cohort"] == 6
    assert turned["counts"]["update-method"] == 71
    assert _enrolled(turned, "cohort") > 20_000
    assert _enrolled(turned, "meta") > 4_000


def test_the_platforms_know_nothing_of_each_other(told: Told) -> None:
    sites = [{n["site"] for n in p["nights"]} for p in (told.ecampus, told.sante)]
    assert [len(s) for s in sites] == [1, 1]
    assert sites[0] != sites[1]
    assert [n["run"] for n in told.ecampus["nights"]] == [1, 2, 3, 4, 5]
    # the third is the new year that was held until somebody approved it
    assert [n["run"] for n in told.sante["nights"] if n["run"]] == [1, 2, 4]


def test_two_platforms_have_their_nights_at_the_same_time() -> None:
    with stage() as machine:
        ecampus, sante = Ecampus(machine.site("ecampus"), "2025"), Sante(machine.site("sante"))
        students, promotions = found("2025"), campus.found("2025")
        ecampus.build(students)
        ecampus.deliver(students)
        ecampus.configure()
        sante.build(promotions)
        sante.deliver(promotions)
        sante.configure("2025")
        for night in (1, 2):
            both = [
                subprocess.Popen(
                    [sys.executable, "-m", "greffe", "-c", file, "nightly", "--json"],
                    cwd=machine.directory,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
                for file in ("ecampus.toml", "sante.toml")
            ]
            said = [one.communicate(timeout=120) for one in both]
            assert [one.returncode for one in both] == [0, 0], [err for _, err in said]
            documents = [json.loads(out) for out, _ in said]
            # each counts its own runs, and a second night finds nothing to do
            assert [d["run"] for d in documents] == [night, night]
            assert [bool(d["counts"]) for d in documents] == [night == 1, night == 1]


def test_only_the_report_is_left(told: Told) -> None:
    assert sorted(p.name for p in told.directory.iterdir()) == ["greffe-demo-report.html", "tmp"]
    assert [p.name for p in (told.directory / "tmp").iterdir()] == []
    text = (told.directory / "greffe-demo-report.html").read_text(encoding="utf-8")
    assert "Night 3: half an extract" in text
    assert "The new year, approved and made" in text
    assert "greffe -c ecampus.toml nightly" in text
    assert "greffe -c sante.toml nightly" in text
    # the configuration that it shows is without its connection
    assert "[[link]]" in text
    assert "user = " not in text


def _enrolled(night: dict[str, Any], method: str) -> int:
    return sum(c["counts"].get("enrol", 0) for c in night["courses"] if c["method"] == method)


def _methods(night: dict[str, Any]) -> Counter[str]:
    return Counter(c["method"] for c in night["courses"] if c["counts"].get("create-method"))


def _courses_of(stage: str) -> int:
    """Courses that follow an étape's cohort: its own seven, and those it shares."""
    return 7 + sum(s == stage for _, s in campus.shared())


def _year(night: dict[str, Any]) -> str:
    return str(night["cohorts"][0]["idnumber"].partition("-")[2])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_in_the_middle_it_leaves_nothing(directory: Path, number: signal.Signals) -> None:
    running = _start(directory)
    for _ in range(300):
        if list((directory / "tmp").glob("greffe-demo-*/*/i?.csv")) or running.poll() is not None:
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


def test_the_campus_is_the_same_every_time() -> None:
    first = campus.found("2025")
    assert first == campus.found("2025")
    assert campus.next_day(first) == campus.next_day(campus.found("2025"))
    assert campus.next_year(first) == campus.next_year(campus.found("2025"))
    assert len(first.people) == 2000
    assert len(campus.courses()) == 60
    assert len(set(first.now().values())) == 6


def test_nobody_is_in_two_promotions_of_a_year(tmp_path: Path) -> None:
    before, _ = campus.next_day(campus.found("2025"))
    after = campus.next_year(before)
    deliver_campus(after, tmp_path)
    with (tmp_path / "ia.csv").open(encoding="cp1252", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert {"COD_ETU", "COD_ETP", "COD_VRS_VET", "COD_ANU"} <= rows[0].keys()
    seen = Counter((r["COD_ETU"], r["COD_ANU"]) for r in rows)
    assert set(seen.values()) == {1}
    assert {r["COD_ANU"] for r in rows} == {"2025", "2026"}
    assert any(len(r["COD_ETU"]) == 7 for r in rows)
    # most second years go up
    was, now = before.now(), after.now()
    up = [n for n, stage in was.items() if stage.endswith("2") and now.get(n) == f"{stage[:-1]}3"]
    assert len(up) > 800
