"""``greffe enrol``, ``renew`` and ``convert`` on the command line: what is asked, shown and written."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pytest

from greffe.errors import Exit
from tests.integration.commandline import HOSTILE, Site, Terminal


@pytest.fixture
def people(site: Site) -> Path:
    path = site.directory / "people.csv"
    path.write_text("person;course;group\ns1;C1;TD1\ns2;C1;=1+1\nnobody;C1;\n", encoding="utf-8")
    return path


def test_a_refused_line_stops_the_file_and_is_written_out(site: Site, people: Path) -> None:
    again, report = site.directory / "again.csv", site.directory / "report.html"
    code, out = site("enrol", str(people), "--yes", "--refused", str(again), "--report", str(report))
    assert code == Exit.REFUSED
    assert "1 line of the file is refused" in out
    assert "line 4, person 'nobody'" in out
    assert "nobody has this" in again.read_text(encoding="utf-8-sig")
    assert "s1;C1" not in again.read_text(encoding="utf-8-sig")
    page = report.read_text(encoding="utf-8")
    assert HOSTILE not in page
    code, runs = site.json("runs")
    assert runs == []

    code, done = site.json("enrol", str(people), "--yes", "--skip-refused")
    assert code == Exit.REFUSED
    assert done["lines"] == {"done": 2, "refused": 1}
    assert done["counts"]["enrol"] == 2
    assert [r["line"] for r in done["refused_lines"]] == [4]
    code, runs = site.json("runs")
    assert [(r["kind"], r["state"]) for r in runs] == [("batch", "done")]


def test_a_report_as_a_spreadsheet(site: Site, people: Path) -> None:
    report = site.directory / "report.csv"
    site("enrol", str(people), "--yes", "--skip-refused", "--report", str(report))
    with report.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    found = {row[0]: row[1:] for row in rows[1:]}
    assert found["2"][:2] == ["done", "s1"]
    assert found["4"][0] == "refused"
    assert not any(cell.startswith("=") for row in rows for cell in row)


def test_nothing_of_the_officers_own_is_written_over(site: Site, people: Path) -> None:
    """The list, the configuration, one output by another; and a report that cannot be written is known before Moodle is."""
    text = people.read_text(encoding="utf-8")
    other = site.directory / "other.csv"
    reasons = site.directory / "x.reasons.csv"
    reasons.hardlink_to(people)
    for options in (
        ("--report", str(people)), ("--out", str(people)), ("--refused", str(people)), ("--refused", str(site.directory / "x.csv")),
        ("--report", str(other), "--refused", str(other)), ("--report", str(other), "--out", str(other)),
        ("--report", "report.txt"), ("--report", str(site.directory / "nowhere" / "r.csv")), ("--report", "/proc/r.csv"),
        ("--refused", str(site.directory / "greffe.toml")), ("--refused", str(site.directory / "again.xlsx")),
    ):  # fmt: skip
        code, out = site("enrol", str(people), "--skip-refused", "--yes", *options)
        assert code == Exit.USAGE, (options, out)
    assert people.read_text(encoding="utf-8") == text
    assert site("enrol", str(people), "--yes", "--end", "2020-01-01")[0] == Exit.USAGE
    assert "--end is over already" in site.err
    assert site.json("runs") == (Exit.DONE, [])


def test_it_asks(site: Site, people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people.write_text("person;course\ns1;C1\n", encoding="utf-8")
    code, _ = site("enrol", str(people))
    assert code == Exit.USAGE  # nobody sits there
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    code, out = site("enrol", str(people))
    assert code == Exit.DONE
    assert "1 line: 1 to be done" in out
    assert "Nothing was done." in out
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    code, out = site("enrol", str(people))
    assert "Run 1 made 2 changes in 1 course." in out
    code, out = site("enrol", str(people), "--dry-run")
    assert (code, "everything is so already" in out) == (Exit.DONE, True)


def test_renew_and_convert_and_back(site: Site, people: Path) -> None:
    assert site("nightly")[0] == Exit.DONE
    code, kept = site.json("convert", "C1", "--from", "database", "--to", "manual", "--yes")
    assert (code, kept["counts"]["enrol"]) == (Exit.DONE, 100)
    code, longer = site.json("renew", "C1", "--end", "2090-01-01", "--dry-run")
    assert (code, longer["planned"]) == (Exit.DONE, {})  # who has no end keeps none
    code, held = site.json("undo", str(kept["run"]), "--yes")
    assert code == Exit.HELD  # everybody would leave
    assert site("approve", held["digest"])[0] == Exit.DONE
    code, undone = site.json("undo", str(kept["run"]), "--yes")
    assert (code, undone["refused"], undone["counts"]["unenrol"]) == (Exit.DONE, [], 100)
    code, shown = site.json("show", str(kept["run"]), "--limit", "1")
    assert shown["run"]["kind"] == "batch"


def test_convert_reads_its_file_as_the_others_do(site: Site) -> None:
    assert site("nightly")[0] == Exit.DONE
    file, again = site.directory / "staying.csv", site.directory / "again.csv"
    file.write_text("u1\nnobody\n", encoding="utf-8")
    convert = ("convert", "C1", "--from", "database", "--to", "manual", "--yes")
    named = (
        *convert,
        "--people",
        str(file),
        "--format",
        "4",
        "--person-key",
        "username",
        "--refused",
        str(again),
    )
    code, out = site(*named)
    assert (code, "or do the rest with --skip-refused" in out) == (Exit.REFUSED, True)
    assert "nobody" in again.read_text(encoding="utf-8-sig")
    code, kept = site.json(*named, "--skip-refused")
    assert (code, kept["counts"]["enrol"], kept["lines"]) == (Exit.REFUSED, 1, {"done": 1, "refused": 1})


def test_what_is_wrong_is_two_lines(site: Site, people: Path) -> None:
    assert site("enrol", str(site.directory / "none.csv"), "--yes")[0] == Exit.REFUSED
    assert len(site.err.splitlines()) == 2
    for arguments in (
        ["enrol", str(people), "--yes", "--start", "tomorrow"],
        ["enrol", str(people), "--yes", "--column", "person"],
        ["enrol", str(people), "--yes", "--course", "nowhere"],
        ["enrol", str(people), "--yes", "--replace", "--remove"],
        ["enrol", str(people), "--yes", "--skip-refused", "--report", str(site.directory / "x.pdf")],
        ["renew", "--yes"],
        ["renew", "C1", "--yes"],
        ["convert", "--from", "database", "--to", "manual", "--yes"],
        ["convert", "C1", "--from", "database", "--to", "manual", "--yes", "--skip-refused"],
    ):
        assert site(*arguments)[0] == Exit.USAGE, arguments
        lines = site.err.splitlines()
        assert len(lines) == (4 if lines[0].startswith("Usage: ") else 2), (
            site.err
        )  # click has two of its own
