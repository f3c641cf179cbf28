"""Lists in every format: what is written is what people read, and no program calculates it."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook
from rich.console import Console

from greffe.errors import ArgumentError
from greffe.listing import Cell, Column, Kind, Listing, Tally
from greffe.report.lists import FORMATS, texts, widths, write
from greffe.report.lists.columns import room_on
from greffe.report.lists.reader import Reader
from greffe.report.lists.table import show
from greffe.report.terminal import console
from greffe.view.asked import SORTS, STATUSES, Asked
from greffe.view.cohort import MEMBERS
from greffe.view.person import STUDENTS
from tests.unit.report.listed import AWKWARD, COLUMNS, LONG, MADE, PARIS, awkward, promotion

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("ending", FORMATS)
def test_a_file_is_its_owners_alone_and_an_older_one_stays_until_it_is_whole(
    ending: str, tmp_path: Path
) -> None:
    file = tmp_path / f"list{ending}"
    file.write_text("older")
    file.chmod(0o644)

    def broken() -> Iterator[tuple[Cell, ...]]:
        yield from AWKWARD[:3]
        assert file.read_text() == "older"
        raise RuntimeError("the server is gone")

    with pytest.raises(RuntimeError, match="the server is gone"):
        write(replace(awkward(), rows=broken()), file, "fr")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [(file.name, b"older")]
    assert write(awkward(), file, "fr") == len(AWKWARD)
    assert file.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in tmp_path.iterdir()] == [file.name]


@pytest.mark.parametrize("name", ["list", "list.pdf", "list.csv.gz", ".csv"])
def test_a_name_that_says_no_format_is_refused_before_anything_is_read(name: str, tmp_path: Path) -> None:
    listing = awkward()
    with pytest.raises(ArgumentError) as refused:
        write(listing, tmp_path / name, "en")
    assert all(ending in refused.value.todo for ending in FORMATS)
    assert len(list(listing.rows)) == len(AWKWARD)
    assert list(tmp_path.iterdir()) == []


def test_csv_keeps_texts_texts_and_says_moments_by_the_sites_clock(tmp_path: Path) -> None:
    file = tmp_path / "list.CSV"
    write(awkward(), file, "fr")
    raw = file.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfNom;Pr\xc3\xa9nom;")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert len(rows) == len(AWKWARD) + 1
    assert rows[1] == ["Évrard-Ñuñez", "Zoé", '="00012345"', "Étudiant", "TD 1, TP « été »", "2025-09-16 07:20:00", "Actif", "12345", ""]  # fmt: skip
    assert rows[2][:3] == ["'=cmd|' /C calc'!A0", "'@SUM(1+1)", "'+33612345678"]
    assert rows[2][5:] == ["jamais", "Suspendu", "0", "2027-01-01 00:59:59"]
    assert rows[3] == ["'-2+3", "'\t=1+1", '="2026-09-01"', "Tuteur", "'=1;2", "", "Hors période", "", ""]
    assert rows[4][3:] == [
        "Enseignant, Étudiant",
        "a\tb",
        "1970-01-01 01:00:01",
        "Actif",
        "-5",
        "1970-01-01 01:00:01",
    ]
    assert rows[5][:2] == ["two\nlines", 'quote " and ; and ,']
    assert rows[6][5] == '="1000000000000000"'
    assert not [c for row in rows[1:] for at, c in enumerate(row) if c[:1] in "+-@\t\r" and c and at != 7]


def test_json_is_the_same_for_every_reader_and_holds_what_the_list_holds(tmp_path: Path) -> None:
    for language in ("fr", "en"):
        write(awkward(), tmp_path / f"{language}.json", language)
    text = (tmp_path / "fr.json").read_text(encoding="utf-8")
    assert text == (tmp_path / "en.json").read_text(encoding="utf-8")
    found = json.loads(text)
    assert (found["list"], found["about"], found["site"], found["made"], found["notes"]) == (
        "participants", "Droit & <libertés>", "Université d’Été", "2026-09-21T16:13:20+02:00", []
    )  # fmt: skip
    moments = {at for at, c in enumerate(COLUMNS) if c.kind is Kind.MOMENT}
    for row, written in zip(AWKWARD, found["rows"], strict=True):
        assert [*written] == found["columns"]
        for at, (cell, back) in enumerate(zip(row, written.values(), strict=True)):
            if at not in moments:
                assert back == (list(cell) if isinstance(cell, tuple) else cell)
            elif isinstance(back, str):
                assert datetime.fromisoformat(back).timestamp() == cell
            else:
                assert (back, cell) in {(None, 0), (None, None), (10**15, 10**15)}


def test_an_empty_list_is_a_list_in_every_format(tmp_path: Path) -> None:
    for ending in FORMATS:
        assert write(replace(awkward(), rows=iter(())), tmp_path / f"e{ending}", "en") == 0
    assert json.loads((tmp_path / "e.json").read_text())["rows"] == []
    assert "Nobody and nothing" in (tmp_path / "e.html").read_text()
    for ending in (".xlsx", ".ods"):
        sheet = CalamineWorkbook.from_path(str(tmp_path / f"e{ending}")).get_sheet_by_index(0)
        assert len(sheet.to_python()) == 1


@pytest.mark.parametrize("ending", [".xlsx", ".ods"])
def test_a_spreadsheet_holds_numbers_dates_and_nothing_to_calculate(ending: str, tmp_path: Path) -> None:
    file = tmp_path / f"list{ending}"
    write(awkward(), file, "en")
    book = CalamineWorkbook.from_path(str(file))
    assert book.sheet_names == ["Participants", "About"]
    rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    assert len(rows) == len(AWKWARD) + 1
    assert rows[0][:3] == ["Last name", "First name", "ID number"]
    assert rows[1] == ["Évrard-Ñuñez", "Zoé", "00012345", "Student", "TD 1, TP « été »", datetime(2025, 9, 16, 7, 20), "Active", 12345, ""]  # fmt: skip # noqa: DTZ001 - a sheet knows no zone
    assert rows[2][:3] == ["=cmd|' /C calc'!A0", "@SUM(1+1)", "+33612345678"]
    assert rows[2][5:7] == ["never", "Suspended"]
    assert [str(rows[3][1]).strip(), rows[3][2]] == ["=1+1", "2026-09-01"]
    assert rows[4][:2] == ["שלום עולם", "مرحبا"]
    assert rows[5][0] == "two\nlines"
    assert rows[5][4] == LONG
    assert rows[6][:2] == ["<script>alert(1)</script>", "&amp; <b>"]
    assert rows[6][4:6] == ["  two  blanks ", "1000000000000000"]
    assert rows[7][1] == "bell\ufffd nul-less\ufffd[2J"
    told = book.get_sheet_by_index(1).to_python()
    assert ["site", "Université d’Été"] in told
    assert ["made", "2026-09-21 16:13"] in told
    with ZipFile(file) as parts:
        whole = "".join(parts.read(n).decode() for n in parts.namelist() if n.endswith(".xml"))
        assert parts.namelist()[0] in ("mimetype", "[Content_Types].xml")
    assert not re.search(r"<f>|table:formula|<hyperlink|xlink:href", whole)


def test_headings_stay_in_sight_and_columns_can_be_filtered(tmp_path: Path) -> None:
    for ending in (".xlsx", ".ods"):
        write(promotion(60), tmp_path / f"p{ending}", "fr")
    with ZipFile(tmp_path / "p.xlsx") as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert 'state="frozen"' in sheet
    assert '<autoFilter ref="A1:I61"/>' in sheet
    assert '<col min="1"' in sheet
    with ZipFile(tmp_path / "p.ods") as parts:
        content, settings = (parts.read(n).decode() for n in ("content.xml", "settings.xml"))
    assert "'Liste des étudiants'.A1:'Liste des étudiants'.I61" in content
    assert "<table:table-header-rows>" in content
    assert '"VerticalSplitPosition" config:type="int">1<' in settings


def test_a_sheet_that_is_full_says_so_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(widths, "MOST_ROWS", 50)
    for ending in (".xlsx", ".ods"):
        assert write(promotion(50), tmp_path / f"p{ending}", "en") == 50
        with pytest.raises(ArgumentError, match="no more than 50 rows"):
            write(promotion(51), tmp_path / f"q{ending}", "en")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["p.ods", "p.xlsx"]


@pytest.mark.parametrize("ending", FORMATS)
def test_a_disk_that_is_full_is_told_once_and_nothing_is_left(ending: str, tmp_path: Path) -> None:
    """In a process of its own: what is said beside the error would stand on its stderr."""
    path = tmp_path / f"list{ending}"
    program = (
        "import resource, sys\nfrom pathlib import Path\nfrom greffe.report.lists import write\n"
        "from tests.unit.report.listed import promotion\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))\n"
        "try:\n    write(promotion(3000), Path(sys.argv[1]), 'fr')\n"
        "except OSError as e:\n    print(type(e).__name__, e.errno)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == (f"OSError {errno.EFBIG}\n", "")
    assert list(tmp_path.iterdir()) == []


def test_no_line_is_one_line_in_french() -> None:
    assert [Reader("fr").count(n) for n in (0, 1, 2)] == ["0 ligne", "1 ligne", "2 lignes"]
    assert [Reader("en").count(n) for n in (0, 1, 2)] == ["0 lines", "1 line", "2 lines"]


def test_a_text_that_no_cell_can_hold_is_cut_and_said(tmp_path: Path) -> None:
    listing = Listing(
        "participants", "A", "B", MADE, (Column("lastname"),), iter([("x" * 40_000,)]), zone=PARIS
    )
    write(listing, tmp_path / "l.xlsx", "fr")
    assert Reader("fr").notes(listing) == ["Des textes trop longs pour ce format ont été coupés."]


def test_the_page_escapes_what_it_shows_and_lets_only_its_own_script_run(tmp_path: Path) -> None:
    file = tmp_path / "list.html"
    write(awkward(), file, "fr")
    page = file.read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "\u202e" not in page
    assert re.search(
        r"default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; base-uri 'none'", page
    )
    assert not re.search(r"https?://(?!example\.org/)|\ssrc=|\sstyle=|\son\w+=", page)
    assert page.count("<script>") == page.count("<style>") == 1
    assert '<html lang="fr">' in page
    assert "7 lignes" in page
    assert "21/09/2026 16:13" in page


def test_a_terminal_shows_every_row_and_nothing_steers_it() -> None:
    out = io.StringIO()
    assert show(console(out), awkward(), Reader("en", PARIS)) == len(AWKWARD)
    told = out.getvalue()
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert all(
        word in told for word in ("Last name", "=cmd|' /C calc'!A0", "never", "Not current", "7 lines")
    )


@pytest.mark.parametrize("width", [80, 120, 200])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_terminal_shows_the_columns_that_it_has_room_for(width: int, language: str) -> None:
    rows = (
        ("Etchegaray", f"Zoé{n}", f"220000{n:02}", f"zoe.etchegaray{n}@etu.univ-exemple.fr", ("TD 1", "TP 2"), ("suspended",),
         ("Base de données externe",), MADE)
        for n in range(30)
    )  # fmt: skip
    word = texts.WORDS["status"]["suspended"][language == "fr"]
    out = io.StringIO()
    listing = Listing("students", "Droit", "Site", MADE, STUDENTS, rows, zone=PARIS)
    show(Console(file=out, width=width, force_terminal=True, no_color=True), listing, Reader(language))
    lines = [line.rstrip() for line in re.sub("\x1b\\[[0-9;]*m", "", out.getvalue()).splitlines()]
    assert max(map(len, lines)) <= width
    headings = {word for pair in texts.HEADINGS.values() for text in pair for word in text.split()}
    assert set(" ".join(lines[1 : lines.index(next(x for x in lines if x[:1] == "─"))]).split()) <= headings
    assert sum("Etchegaray" in line and word in line for line in lines) == 30
    said = texts.SAYINGS["left_out"][language == "fr"].format(columns="")
    assert any(said in line for line in lines) is (width < 200)
    whole = [line for line in lines if "zoe.etchegaray7@etu.univ-exemple.fr" in line]
    assert len(whole) == (width >= 120)


def test_a_column_that_says_more_than_fits_is_not_cut() -> None:
    out = io.StringIO()
    courses = tuple(f"DRT1{n:02}" for n in range(30))
    row = ("Zola", "Ève", "22000001", "zola@u.example", MADE, 0, courses)
    listing = Listing("cohort", "L1", "Site", MADE, MEMBERS, iter([row]))
    show(Console(file=out, width=60, no_color=True), listing, Reader("en"))
    assert all(course in out.getvalue() for course in courses)


def test_what_is_piped_is_as_wide_as_columns_says(monkeypatch: pytest.MonkeyPatch) -> None:
    for said, width in (("90", 90), ("", 200), ("wide", 200), ("0", 200), ("900", 200), ("99999", 200)):
        monkeypatch.setenv("COLUMNS", said)
        assert room_on(console(io.StringIO())) == width
    assert room_on(Console(file=io.StringIO(), width=300, force_terminal=True)) == 300


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["only role", "student, none", "only status", "Suspended", "for 30 days, or who never came", "sorted by", "last access to course, descending", "DRT: 12 in the cohort, not in the course"]),
        ("fr", ["seulement le rôle", "student, aucun", "Suspendu", "depuis 30 jours, ou jamais venus", "trié par", "dernier accès au cours, ordre décroissant", "DRT : 12 dans la cohorte, pas dans le cours"]),
    ],
)  # fmt: skip
def test_a_file_says_what_it_was_asked_for(language: str, said: list[str], tmp_path: Path) -> None:
    asked = Asked(
        roles=("student", "none"), statuses=("suspended",), inactive=30 * 86400, sort="last-access", descending=True
    )  # fmt: skip
    for ending in (".html", ".xlsx", ".ods"):
        file = tmp_path / f"list{ending}"
        listing = replace(awkward(), asked=asked.told(), tally=(Tally("DRT", "where", "cohort-only", 12),))
        write(listing, file, language)
        if ending == ".html":
            text = file.read_text(encoding="utf-8")
        else:
            text = "\n".join(
                str(c)
                for row in CalamineWorkbook.from_path(file).get_sheet_by_index(1).to_python()
                for c in row
            )
        assert [s for s in said if s not in text] == []
    write(replace(awkward(), asked=asked.told()), tmp_path / "list.json", language)
    assert json.loads((tmp_path / "list.json").read_bytes())["asked"] == {
        "role": ["student", "none"], "status": ["suspended"], "inactive-for": ["2592000"], "sort": ["last-access", "descending"]
    }  # fmt: skip


def test_every_text_is_there_in_both_languages() -> None:
    pairs = [
        p
        for table in (texts.TITLES, texts.HEADINGS, texts.ASKED, texts.ZERO, texts.NOTES, texts.SAYINGS)
        for p in table.values()
    ]
    pairs += [p for words in texts.WORDS.values() for p in words.values()]
    assert all(len(p) == 2 and all(p) for p in pairs)
    for english, french in pairs:
        assert set(re.findall(r"\{\w+\}", english)) == set(re.findall(r"\{\w+\}", french))


def test_every_column_of_every_list_has_a_heading_and_every_list_a_title() -> None:
    from greffe.view import closed, cohort, columns, person, promotion

    shown = {
        *closed.COLUMNS,
        *person.COURSES,
        *person.STUDENTS,
        *cohort.MEMBERS,
        *promotion.BESIDE,
        *columns.COLUMNS,
    }
    assert {c.key for c in shown} <= texts.HEADINGS.keys()
    assert {c.key for c in shown if c.kind is Kind.WORD} <= texts.WORDS.keys()
    everything = Asked(
        as_moodle=True, roles=("x",), groups=("x",), statuses=STATUSES, methods=("x",), inactive=0
    ).told()
    assert everything.keys() == texts.ASKED.keys()
    for sort in SORTS:
        listing = replace(awkward(), asked=Asked(sort=sort).told())
        assert dict(Reader("fr").asked(listing))["trié par"] != sort or sort == "email"
    assert {"courses", "cohort", "no-method", "promotion", "students", "participants"} <= texts.TITLES.keys()


@pytest.mark.parametrize("ending", FORMATS)
def test_more_rows_take_the_same_memory(
    ending: str, tmp_path: Path, long: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def peak(rows: int) -> int:
        tracemalloc.start()
        write(promotion(rows), tmp_path / f"l{ending}", "fr")
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    monkeypatch.setattr(widths, "SAMPLE", 50)
    peak(60)  # modules, templates
    few, many = (5_000, 50_000) if long else (500, 1_500)
    less, more = peak(few), peak(many)
    # half of what a row takes in memory; Python itself keeps two thousand emptied ones for the next
    assert more - less < 250 * (many - few), (less, more)


def test_the_machines_own_zone_counts_where_the_site_has_none(tmp_path: Path) -> None:
    code = (
        "from tests.unit.report.listed import awkward\nfrom greffe.report.lists import write\nfrom pathlib import Path\n"
        f"write(awkward(None), Path({str(tmp_path / 'l.csv')!r}), 'en')"
    )
    subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        cwd=ROOT,
        env=os.environ | {"TZ": "Asia/Tokyo", "PYTHONPATH": str(ROOT)},
    )
    assert "2025-09-16 14:20:00" in (tmp_path / "l.csv").read_text(encoding="utf-8-sig")
