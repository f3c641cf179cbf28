"""Every file of the corpus is read as it should be; see make_corpus.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from greffe.intake.french import REASONS, reason
from greffe.intake.frenchnotes import ODDITIES
from greffe.intake.recognise import TITLES
from greffe.intake.tally import Oddity
from tests.intake.make_corpus import CORPUS, cases
from tests.intake.reading import reading

EXPECTED = sorted(CORPUS.glob("*.json"))


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda p: p.name.removesuffix(".json"))
def test_a_file_is_read_as_it_should_be(expected: Path) -> None:
    entry = json.loads(expected.read_text(encoding="utf-8"))
    assert reading(expected.with_suffix(""), entry) == entry["reading"]


def test_the_corpus_is_what_the_script_makes() -> None:
    made = {case.name: case.data for case in cases()}
    assert {p.name: p.read_bytes() for p in CORPUS.iterdir() if p.suffix != ".json"} == made
    assert {p.name.removesuffix(".json") for p in EXPECTED} == made.keys()


def test_every_format_separator_and_encoding_is_in_it() -> None:
    told = [json.loads(p.read_text(encoding="utf-8"))["reading"].get("told", "") for p in EXPECTED]
    assert len(told) >= 60
    for what in (
        "';'",
        "','",
        "tab",
        "'|'",
        "XLSX",
        "ODS",
        "UTF-8 with BOM",
        "UTF-16",
        "Windows-1252",
        "MacRoman",
    ):
        assert any(what in t for t in told), what
    for code in TITLES:
        assert any(f"format {code} " in t for t in told), code


@pytest.mark.parametrize("mark", ["comma", "tab", "pipe"])
def test_the_separator_changes_nothing(mark: str) -> None:
    found = sorted(CORPUS.glob(f"*-{mark}.csv.json"))
    assert found
    for path in found:
        semicolon = path.with_name(path.name.replace(mark, "semicolon"))
        one, other = (json.loads(p.read_text(encoding="utf-8"))["reading"] for p in (path, semicolon))
        assert {**one, "told": ""} == {**other, "told": ""}, path.name


def test_every_refusal_has_its_french() -> None:
    readings = [json.loads(p.read_text(encoding="utf-8"))["reading"] for p in EXPECTED]
    told = {r["told"] for r in readings if "told" in r}
    notes = {note for r in readings for note in r.get("notes", [])}
    refused = {line["refused"] for r in readings for line in r.get("lines", []) if "refused" in line}
    assert len(refused) > 30
    assert [text for text in sorted(told | notes | refused) if reason(text, "fr") == text] == []
    assert ODDITIES.keys() == set(Oddity)
    assert [english for english, french in REASONS.items() if english.count("{}") != french.count("{}")] == []
