"""Participants on terminals of several widths, and how long ago somebody came."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from greffe.listing import Cell, Listing
from greffe.report.elapsed import elapsed
from greffe.report.lists import write
from greffe.report.lists.participants import show
from greffe.report.lists.reader import Reader
from greffe.view.columns import COLUMNS
from greffe.view.names import FIELDS, full_name

NOW, DAY = 1_800_000_000, 86_400


def row(number: int, course: str = "DRT101", **more: Cell) -> tuple[Cell, ...]:
    """Somebody with two enrolments."""
    cells: dict[str, Cell] = {
        "course": course, "lastname": f"Nom{number}", "firstname": "Zoé", "fullname": f"Zoé Nom{number}", "idnumber": f"2200{number}",
        "email": f"zoe.nom{number}@univ.example", "roles": ("Étudiant",), "groups": ("TD 1", "TP 2"),
        "last_access": NOW - 57 * DAY - 4 * 3600, "status": ("active", "suspended"),
        "method": ("Inscription manuelle", "Synchronisation des cohortes (Licence 1)"), "start": (0, NOW), "end": (0, 0),
        "enrolled": (NOW, NOW), "run": ("12", ""),
    }  # fmt: skip
    return tuple((cells | more)[c.key] for c in COLUMNS)


def shown(width: int, *rows: tuple[Cell, ...], terminal: bool = True) -> list[str]:
    """The lines."""
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=terminal, no_color=True, highlight=False)
    alike = frozenset({"course"} if len({row[0] for row in rows}) == 1 else ())
    listing = Listing("participants", "Droit civil", "Site", NOW, COLUMNS, iter(rows), alike=alike)
    show(console, listing, Reader("fr"))
    return [line.rstrip() for line in out.getvalue().splitlines()]


@pytest.mark.parametrize("width", [60, 80, 100, 140, 200, 300])
def test_the_table_fits(width: int) -> None:
    lines = shown(width, *(row(n) for n in range(3)), terminal=False)
    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    assert all(word in text for word in ("Zoé Nom1", "Actif", "Suspendu"))
    assert "57 jours 4 heures" in text
    assert ("Synchronisation des cohortes" in text) is (width >= 140)
    assert ("Pas de place ici pour" in text) is (width < 200)
    assert ("22001" in text) is (width >= 80)
    assert "DRT101" not in text  # one course: its name stands above


def test_each_enrolment_has_its_line() -> None:
    lines = shown(300, row(1), terminal=False)
    (first, second) = lines[2:4] if "Zoé" in lines[2] else lines[3:5]
    assert "Actif" in first
    assert "Inscription manuelle" in first
    assert first.rstrip().endswith("12")
    assert "Suspendu" in second
    assert "Synchronisation" in second


def test_of_several_courses_each_row_says_which() -> None:
    lines = shown(100, row(1), row(2, "DRT102"), terminal=False)
    assert any("DRT102" in line and "Nom2" in line for line in lines)


def test_a_long_list_has_one_heading() -> None:
    lines = shown(100, *(row(n, status=("active",), method=("x",), run=("",)) for n in range(1100)))
    assert sum("Statut" in line for line in lines) == 1
    assert sum("Zoé Nom" in line for line in lines) == 1100
    assert any("1\u00a0100 lignes" in line or "1\u202f100 lignes" in line for line in lines)


def test_a_name_is_only_a_name() -> None:
    (line,) = [
        x for x in shown(100, row(1, fullname="[bold]\x1b[31m\u202eEvil"), terminal=False) if "Evil" in x
    ]
    assert "[bold]" in line
    assert "\x1b" not in line
    assert "\u202e" not in line


def test_a_page_begins_with_who_it_is_about_and_names_nobody_twice(tmp_path: Path) -> None:
    people = (row(1), row(2, "DRT102"))
    for alike, first in ((set[str](), "Nom Prénom Cours"), ({"course"}, "Nom Prénom N° d’identification")):
        listing = Listing("participants", "Droit", "Site", NOW, COLUMNS, iter(people), alike=frozenset(alike))
        assert write(listing, tmp_path / "x.html", "fr") == len(people)
        page = (tmp_path / "x.html").read_text(encoding="utf-8")
        headings = re.findall("<th scope[^>]*>([^<]*)", page)
        assert " ".join(headings).startswith(first)
        assert "Nom complet" not in headings
        assert [
            re.findall("<td[^>]*>([^<\\n]*)", line)[0] for line in page.splitlines() if "<tr><td" in line
        ] == ["Nom1", "Nom2"]


@pytest.mark.parametrize(
    ("seconds", "english", "french"),
    [
        (0, "now", "maintenant"),
        (1, "1 sec", "1 s"),
        (61, "1 min 1 sec", "1 min 1 s"),
        (7200, "2 hours", "2 heures"),
        (DAY + 3600, "1 day 1 hour", "1 jour 1 heure"),
        (57 * DAY + 4 * 3600 + 3599, "57 days 4 hours", "57 jours 4 heures"),
        (365 * DAY + 3600, "1 year", "1 année"),
        (2 * 365 * DAY + DAY, "2 years 1 day", "2 années 1 jour"),
        (-90, "1 min 30 secs", "1 min 30 s"),
    ],
)
def test_how_long_ago(seconds: int, english: str, french: str) -> None:
    assert (elapsed(seconds, "en"), elapsed(seconds, "fr")) == (english, french)


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("", "Marie Curie"),
        ("language", "Marie Curie"),
        ("lastname, firstname", "Curie, Marie"),
        ("firstname (alternatename) lastname", "Marie Curie"),
        ("lastname firstname [middlename]", "Curie Marie Salomea"),
        ("alternatename", "Marie"),
        ("firstnamephonetic/lastname", "Curie"),
    ],
)
def test_names_in_the_sites_form(form: str, name: str) -> None:
    parts = dict.fromkeys(FIELDS, "") | {"firstname": "Marie", "lastname": "Curie", "middlename": "Salomea"}
    assert full_name(parts, form).replace("[Salomea]", "Salomea") == name
