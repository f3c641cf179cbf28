"""What became of each line, and the refused ones, corrected and fed again."""

from __future__ import annotations

import csv
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greffe.errors import ArgumentError
from greffe.intake.cells import tidy
from greffe.intake.french import reason
from greffe.intake.lines import PersonLine, RefusedLine
from greffe.intake.opening import OpenedFile, open_batchfile
from greffe.intake.outcome import LONGEST, Fate, Outcome, write_csv, write_html
from greffe.intake.recognise import BARE, HEADED, LISTS
from greffe.intake.refused import write_refused
from greffe.intake.spreadsheet import safe
from greffe.intake.wants import Wants
from greffe.rules.text import clean
from tests.intake.make_corpus import cases
from tests.intake.reading import opened

OUTCOMES = [
    Outcome(2, Fate.DONE, "00123", "DRT-L1-01", "student, TD1"),
    Outcome(3, Fate.ALREADY, "=1+1", "DRT-L1-01"),
    Outcome(4, Fate.REFUSED, "<b>zoé</b>\u202e", "", "", "no course"),
    Outcome(5, Fate.LEFT, "123456789012", "1-2", "", "a guard holds this course"),
]


def refused_of(file: OpenedFile) -> list[RefusedLine]:
    return [line for line in file.lines() if isinstance(line, RefusedLine)]


@pytest.mark.parametrize(
    ("language", "head", "fates"),
    [
        ("en", ["line", "result", "who or what", "course", "asked", "why not"], ["done", "already so", "refused", "left out"]),
        ("fr", ["ligne", "résultat", "qui ou quoi", "cours", "demande", "motif"], ["fait", "déjà en place", "refusé", "laissé de côté"]),
    ],
)  # fmt: skip
def test_the_spreadsheet(tmp_path: Path, language: str, head: list[str], fates: list[str]) -> None:
    path = tmp_path / "out.csv"
    write_csv(path, iter(OUTCOMES), language)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    assert rows[0] == head
    assert [row[1] for row in rows[1:]] == fates
    assert rows[1][2] == '="00123"'
    assert rows[2][2] == "'=1+1"
    assert rows[4][2:4] == ['="123456789012"', '="1-2"']
    assert rows[3][5] == {"en": "no course", "fr": "il manque le cours"}[language]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page(tmp_path: Path, language: str) -> None:
    path = tmp_path / "out.html"
    many = [Outcome(n, Fate.DONE, f"p{n}") for n in range(10, LONGEST + 12)]
    write_html(
        path,
        iter([*OUTCOMES, *many]),
        title="L1 <droit>",
        told="read as format 3",
        notes=["odd & noted"],
        planned=True,
        language=language,
    )
    page = path.read_text(encoding="utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert f'<html lang="{language}">' in page
    assert "L1 &lt;droit&gt;" in page
    assert "odd &amp; noted" in page
    assert "&lt;b&gt;zoé&lt;/b&gt;\N{REPLACEMENT CHARACTER}" in page
    assert "http" not in page.replace("http-equiv", "")
    more = {"en": "+ 3 more of these", "fr": "+ 3 autres"}[language]
    assert more in page
    assert {"en": "2,003", "fr": "2\u202f003"}[language] in page
    assert page.index("no course" if language == "en" else "il manque le cours") < page.index("p10")


def test_in_french_what_became_of_lines_agrees_with_them(tmp_path: Path) -> None:
    path = tmp_path / "out.html"
    refused = [Outcome(n, Fate.REFUSED, "p", why="no course") for n in (3, 4)]
    told = "read as Greffe's own format (people), ';', Windows-1252"
    write_html(path, [Outcome(2, Fate.DONE, "p"), *refused], title="T", told=told, language="fr")
    page = path.read_text(encoding="utf-8")
    assert "<b>2</b> refusées" in page
    assert "<b>1</b> faite<" in page
    assert "lu comme format de Greffe (personnes), &#39;;&#39;, Windows-1252" in page
    # on a phone the reason has a row of its own, else it stands in a column of four letters
    assert "td.why { grid-column: 1 / -1;" in page
    assert page.count('<td class="why">') == 2
    assert "overflow-wrap: anywhere; }" not in page.partition(".headline { border-color: var(--warn)")[2]


def test_every_own_format_has_its_french_name() -> None:
    titles = {d.title for d in (*LISTS, *BARE, *HEADED) if d.code == "native"}
    assert len(titles) == 4
    for title in titles:
        told = reason(f"read as Greffe's own format ({title}), tab, UTF-8", "fr")
        assert told.startswith("lu comme format de Greffe (")
        assert told.endswith("), tabulation, UTF-8")
        assert f"({title})" not in told


def test_a_page_of_nothing(tmp_path: Path) -> None:
    write_html(tmp_path / "out.html", [], title="T", told="", language="fr")
    assert "Le fichier n’a aucune ligne." in (tmp_path / "out.html").read_text(encoding="utf-8")


def readable() -> Iterable[Any]:
    """The cases of the corpus that give lines."""
    for case in cases():
        if not case.name.startswith(
            (
                "bad-",
                "enc-u",
                "enc-w",
                "enc-mark",
                "enc-dam",
                "other-",
                "unknown",
                "doubt-",
                "book-no-s",
                "book-e",
                "book-cut",
            )
        ):
            yield pytest.param(case, id=case.name)


@pytest.mark.parametrize("case", list(readable()))
def test_what_was_refused_can_be_fed_again(batch: Callable[..., Path], tmp_path: Path, case: Any) -> None:
    how = {"wants": case.wants, "options": case.options}
    first = opened(batch(case.data, case.name), how)
    if first.doubts:
        return
    lines = list(first.lines())
    # whatever was read is refused by whoever looks it up; what the reader refused, stays so
    looked_up = [
        line if isinstance(line, RefusedLine) else RefusedLine(line.line, "", "", "unknown") for line in lines
    ]
    path = tmp_path / "refused.csv"
    written = write_refused(path, first, looked_up)
    options = {k: v for k, v in case.options.items() if k not in ("encoding", "sheet")}
    if not first.header:
        options["format"] = first.format
    again = opened(path, {"wants": case.wants, "options": options})
    assert not again.doubts
    assert again.format == first.format

    def said(file: OpenedFile) -> list[object]:
        return [
            (line.why.split(" line ")[0], line.value)
            if isinstance(line, RefusedLine)
            else {f: getattr(line, f) for f in line.__slots__ if f != "line"}
            for line in file.lines()
        ]

    assert said(again) == said(first)
    assert len(written) == (1 if first.by_name else 2)
    assert all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in written)
    # and once more: the column that says why does not grow
    third = tmp_path / "third.csv"
    write_refused(third, again, [RefusedLine(n, "", "", "unknown") for n, _ in again.rows()])
    assert said(opened(third, {"wants": case.wants, "options": options})) == said(first)


def test_only_the_refused_lines_with_why_and_where(batch: Callable[..., Path], tmp_path: Path) -> None:
    source = batch("person;course;start\n1;C;\n007;C;demain\n3;;\n")
    file = open_batchfile(source, wants=Wants.PEOPLE)
    path = tmp_path / "refused.csv"
    assert write_refused(path, file, refused_of(file), "fr") == (path,)
    assert path.read_text(encoding="utf-8-sig").splitlines() == [
        "refused_because;person;course;start",
        'start: n’est pas une date : écrivez 2026-09-01, ou 2026-09-01 08:00;"=""007""";C;demain',
        "course: il manque le cours;3;;",
    ]


def test_lines_without_a_header_have_their_reasons_beside_them(
    batch: Callable[..., Path], tmp_path: Path
) -> None:
    file = open_batchfile(
        batch("a@univ.fr\n# TD1\nb@univ.fr\nnobody\n# TD2\nc@univ.fr\n"), wants=Wants.ONE_COURSE
    )
    path = tmp_path / "refused.txt"
    unknown = RefusedLine(3, "1", "b@univ.fr", "nobody has this address")
    written = write_refused(path, file, [unknown, *refused_of(file)])
    assert path.read_text(encoding="utf-8-sig").splitlines() == ["# TD1", "b@univ.fr", "nobody"]
    assert written[1].name == "refused.reasons.csv"
    assert written[1].read_text(encoding="utf-8-sig").splitlines() == [
        "line here;line in the file;column;value;why",
        "2;3;1;b@univ.fr;nobody has this address",
        "3;4;1;nobody;is not one e-mail address",
    ]


def test_the_file_itself_is_never_written_over(batch: Callable[..., Path]) -> None:
    source = batch("person;course\n1;\n")
    file = open_batchfile(source, wants=Wants.PEOPLE)
    with pytest.raises(ArgumentError, match="is the file itself"):
        write_refused(source, file, refused_of(file))
    assert source.read_text() == "person;course\n1;\n"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(st.text(), st.from_regex(r"['=+@0-9.,/:E -]{1,12}", fullmatch=True)))
def test_what_is_made_safe_is_read_as_it_was(text: str) -> None:
    kept = tidy(text)
    assert tidy(safe(kept)) == clean(kept)
    assert not safe(kept).startswith(("+", "-", "@"))
    assert not safe(kept).startswith("=") or safe(kept).startswith('="')


def test_a_group_that_is_a_formula_comes_back_as_text(batch: Callable[..., Path], tmp_path: Path) -> None:
    file = open_batchfile(batch("person;course;group\n1;C;=1+1\n"), wants=Wants.PEOPLE)
    path = tmp_path / "refused.csv"
    write_refused(path, file, [RefusedLine(2, "", "", "unknown")])
    assert ";'=1+1" in path.read_text(encoding="utf-8-sig")
    (line,) = open_batchfile(path, wants=Wants.PEOPLE).lines()
    assert isinstance(line, PersonLine)
    assert line.group == "=1+1"
