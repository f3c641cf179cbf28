"""The audits' files: headers that say what a DBA must know, and pages that name each of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from greffe.audit.catalogue import SEVERITIES, audits, chosen
from greffe.errors import ArgumentError
from greffe.moodle import statements

DOCS = Path(__file__).parents[2] / "docs"


def test_both_databases_have_the_same_audits() -> None:
    mine, theirs = audits("mariadb"), audits("postgresql")
    assert [(a.name, a.severity, a.own) for a in mine] == [(a.name, a.severity, a.own) for a in theirs]
    assert len(mine) >= 30


@pytest.mark.parametrize("engine", ["mariadb", "postgresql"])
def test_each_has_a_file_of_its_own_that_only_reads(engine: str) -> None:
    for statement in statements.audits(engine):
        assert statement.file.stem == statement.name
        assert re.match(r"(SELECT|WITH RECURSIVE)\b", statement.text)
        assert not re.search(r"\b(INSERT|UPDATE|DELETE|FOR UPDATE|%\()", statement.text)
        assert " ".join(statement.text.split()).count("SELECT *") == 0


def test_those_that_read_greffes_tables_say_so() -> None:
    for engine in ("mariadb", "postgresql"):
        for audit in audits(engine):
            assert audit.own == ("local_greffe_" in statements.find(engine, audit.name).text), audit.name


@pytest.mark.parametrize("page", ["en/audits.md", "fr/audits.md"])
def test_the_pages_name_each_with_its_severity(page: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(a.name, a.severity) for a in audits("mariadb")]


def test_which_are_chosen() -> None:
    everything = chosen("mariadb")
    assert [SEVERITIES.index(a.severity) for a in everything] == sorted(
        SEVERITIES.index(a.severity) for a in everything
    )
    assert {a.severity for a in chosen("mariadb", least="error")} == {"error"}
    assert [a.name for a in chosen("mariadb", ["meta_loops"])] == ["meta_loops"]
    assert chosen("mariadb", ["meta_chains"], "error") == []
    with pytest.raises(ArgumentError, match="nonsense"):
        chosen("mariadb", ["nonsense"])
