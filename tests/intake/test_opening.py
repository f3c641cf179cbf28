"""Files that are not there, not files, not whole, or not the same as before; and options that cannot be."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from greffe.errors import ArgumentError, BatchfileError
from greffe.intake import textfile, workbook
from greffe.intake.lines import Batchfile, PersonLine, RefusedLine
from greffe.intake.opening import open_batchfile
from greffe.intake.wants import Wants
from tests.intake.sheets import xlsx

LIST = "person;course\n1;C\n"


def test_it_is_a_batchfile(batch: Callable[..., Path]) -> None:
    path = batch(LIST)
    file: Batchfile = open_batchfile(str(path), wants=Wants.PEOPLE)
    assert file.source == str(path)
    assert file.header == ("person", "course")
    assert list(file.rows()) == [(2, ("1", "C"))]
    assert [line.line for line in file.lines()] == [2]


def test_excels_own_first_line_is_no_line_of_the_list(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("sep=;\nperson;course\na;C1\n", encoding="utf-8")
    file = open_batchfile(path, wants=Wants.PEOPLE)
    assert file.header == ("person", "course")
    (line,) = file.lines()
    assert line.line == 3


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BatchfileError, match=r"none\.csv: no such file"):
        open_batchfile(tmp_path / "none.csv", wants=Wants.PEOPLE)
    with pytest.raises(BatchfileError, match="is not a regular file"):
        open_batchfile(tmp_path, wants=Wants.PEOPLE)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BatchfileError, match="is not a regular file"):
        open_batchfile(tmp_path / "pipe", wants=Wants.PEOPLE)
    with pytest.raises(BatchfileError, match="cannot be read"):
        open_batchfile("nul\0byte.csv", wants=Wants.PEOPLE)


@pytest.mark.parametrize("data", [LIST.encode(), xlsx({"A": [["person", "course"], ["1", "C"]]})])
def test_a_file_that_changes_after_it_was_judged(batch: Callable[..., Path], data: bytes) -> None:
    path = batch(data)
    file = open_batchfile(path, wants=Wants.PEOPLE)
    path.write_bytes(data + b" ")
    with pytest.raises(BatchfileError, match="was changed while it was read"):
        list(file.lines())
    path.unlink()
    with pytest.raises(BatchfileError, match=r"no such file|cannot be read"):
        list(file.lines())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"format": "12"}, "--format takes 1, 2, 3"),
        ({"format": "9"}, "format 9 .cohort sync members. is about members: another command reads it"),
        ({"format": "3"}, "format 3 .mass enrol. is for one course: name it with --course"),
        ({"separator": "#"}, "--separator takes"),
        ({"encoding": "utf-7"}, "--encoding takes"),
        ({"person_key": "name"}, "--person-key takes idnumber, username, email, any"),
        (
            {"columns": {"personne": "person"}},
            "--column personne=…: there is no column 'personne'; there are person",
        ),
        ({"sheet": "A"}, "is a text file and has no sheets"),
    ],
)
def test_options_that_cannot_be(batch: Callable[..., Path], options: dict[str, Any], words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        open_batchfile(batch(LIST), wants=Wants.PEOPLE, **options)


def test_a_column_that_is_named_but_not_there(batch: Callable[..., Path]) -> None:
    with pytest.raises(BatchfileError, match="not all of 'Code INE' stand there"):
        open_batchfile(batch(LIST), wants=Wants.PEOPLE, columns={"person": "Code INE"})


def test_a_format_that_the_file_is_not_in(batch: Callable[..., Path]) -> None:
    with pytest.raises(BatchfileError, match="that is not how format 7 begins"):
        open_batchfile(batch(LIST), wants=Wants.PEOPLE, format="7")


def test_a_line_without_end(batch: Callable[..., Path]) -> None:
    long = "1" * textfile.LONGEST_LINE
    with pytest.raises(BatchfileError, match="line 3: is longer than 131,072 characters"):
        list(open_batchfile(batch(LIST + long), wants=Wants.PEOPLE).lines())


def test_a_quote_that_is_never_closed_takes_no_other_line_with_it(batch: Callable[..., Path]) -> None:
    rows = [f"{n};C\n" for n in range(500)]
    rows[100] = '"100;C\n'
    rows[450] = '"450;C\n'
    lines = list(open_batchfile(batch("person;course\n" + "".join(rows)), wants=Wants.PEOPLE).lines())
    assert [line.line for line in lines] == list(range(2, 502))
    assert [line.line for line in lines if isinstance(line, RefusedLine)] == [102, 452]


def test_a_workbook_that_would_fill_the_memory(
    batch: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "LARGEST", 1000)
    with pytest.raises(BatchfileError, match="would fill 0 MiB when unpacked") as caught:
        open_batchfile(batch(xlsx({"A": [["person", "course"]]})), wants=Wants.PEOPLE)
    assert "CSV UTF-8" in caught.value.todo


def test_days_are_the_sites_days(batch: Callable[..., Path]) -> None:
    from zoneinfo import ZoneInfo

    path = batch("person;course;start\n1;C;2026-09-01\n")
    starts = []
    for zone in ("Europe/Paris", "Indian/Reunion"):
        (line,) = open_batchfile(path, wants=Wants.PEOPLE, zone=ZoneInfo(zone)).lines()
        assert isinstance(line, PersonLine)
        starts.append(line.start)
    assert starts == [1_788_213_600, 1_788_213_600 - 2 * 3600]
