"""Lists opened by LibreOffice: every cell is what was written, and none is calculated."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from pathlib import Path

import pytest

from greffe.report.lists import write
from tests.lab.lacking import lacking
from tests.unit.report.listed import AWKWARD, COLUMNS, LONG, awkward

_TO_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,1"
"""Comma, double quotes, UTF-8, as shown, the first sheet."""
_FROM_CSV = "Text - txt - csv (StarCalc):59,34,76,1,,0,false,true"
"""Semicolon, double quotes, UTF-8, numbers and dates recognised: what Excel does of itself with such a file."""


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[list[str]]]:
    """Ending of a file → its rows as LibreOffice has them. It starts slowly: one run for all, one more for CSV."""
    found = shutil.which("soffice")
    if not found:
        lacking("no LibreOffice on this machine")
    here = tmp_path_factory.mktemp("office")
    for ending in ("csv", "html", "ods", "xlsx"):
        write(awkward(), here / f"list.{ending}", "fr")
    # so named, a page is opened as a spreadsheet, as by whoever drags it into one
    (here / "list.html").rename(here / "page.xls")
    for name in ("list.ods", "list.xlsx", "list.csv"):
        (here / name).rename(here / f"{Path(name).suffix[1:]}-{name}")
    command = [found, "--headless", "--norestore", f"-env:UserInstallation=file://{here}/profile"]
    for more in (["page.xls", "ods-list.ods", "xlsx-list.xlsx"], [f"--infilter={_FROM_CSV}", "csv-list.csv"]):
        subprocess.run(
            [*command, "--convert-to", _TO_CSV, "--outdir", here / "out", *more],
            cwd=here, check=True, capture_output=True, timeout=300,
        )  # fmt: skip
    return {
        part.name.partition("-")[0]: list(csv.reader(io.StringIO(part.read_bytes().decode(), newline="")))
        for part in (here / "out").iterdir()
    }


@pytest.mark.parametrize("kind", ["ods", "xlsx", "csv", "page"])
def test_every_cell_is_what_was_written(opened: dict[str, list[list[str]]], kind: str) -> None:
    rows = opened[kind]
    if kind == "page":  # the headings of the page itself stand above the list
        rows = rows[next(n for n, row in enumerate(rows) if row[1] == "Prénom") :][: len(AWKWARD) + 1]
        rows[0][0] = rows[0][0].splitlines()[-1]
    assert len(rows) == len(AWKWARD) + 1
    assert rows[0][:3] == ["Nom", "Prénom", "N° d’identification"]
    assert {len(row) for row in rows} == {len(COLUMNS)}
    mark = "'" if kind == "csv" else ""  # what keeps Excel from calculating a cell of a CSV
    first, second, third, fourth, fifth, sixth, seventh = rows[1:]
    assert first[:5] == ["Évrard-Ñuñez", "Zoé", "00012345", "Étudiant", "TD 1, TP « été »"]
    assert second[:3] == [f"{mark}=cmd|' /C calc'!A0", f"{mark}@SUM(1+1)", f"{mark}+33612345678"]
    assert second[5:8] == ["jamais", "Suspendu", "0"]
    assert [third[0], third[1].split("=")[1], third[2]] == [f"{mark}-2+3", "1+1", "2026-09-01"]
    assert third[4:7] == [f"{mark}=1;2", "", "Hors période"]
    assert fourth[:4] == ["שלום עולם", "مرحبا", "1E5", "Enseignant, Étudiant"]
    assert fourth[4].split() == ["a", "b"]
    assert fifth[0].split() == ["two", "lines"]
    assert fifth[1:3] == ['quote " and ; and ,', "http://example.org/"]
    assert fifth[4] == LONG
    assert sixth[:2] == ["<script>alert(1)</script>", "&amp; <b>"]
    assert sixth[5] == "1000000000000000"
    assert seventh[2] == "mailto:a@b.c"
    assert not [cell for row in rows for cell in row if cell.startswith(("Err:", "#"))]


@pytest.mark.parametrize("kind", ["ods", "xlsx", "csv"])
def test_moments_are_dates_and_numbers_are_numbers(opened: dict[str, list[list[str]]], kind: str) -> None:
    rows = opened[kind]
    # a date that is one comes out in the form of its reader, whatever was written
    assert rows[1][5] in ("09/16/2025 07:20:00", "2025-09-16 07:20:00")
    assert rows[2][8] in ("01/01/2027 00:59:59", "2027-01-01 00:59:59")
    assert [row[7] for row in rows[1:]] == ["12345", "0", "", "-5", "1", "2", "3"]
