"""The pages that are written from the code: as the code is, complete, in both languages."""

from __future__ import annotations

import pytest

from greffe.cli import exits
from greffe.errors import Exit
from greffe.model import Reason
from greffe.report.texts import KINDS
from tests.docs import french
from tests.docs.codes import words
from tests.docs.commands import commands
from tests.docs.docstrings import below_fields
from tests.docs.pages import DOCS, ROOT
from tests.docs.settings import shapes
from tests.docs.written import PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_as_the_code_is(name: str) -> None:
    file = ROOT / name
    assert file.is_file(), f"{name} is missing: run ci/docs"
    assert file.read_text(encoding="utf-8") == PAGES[name](), f"{name} is stale: run ci/docs"


def test_the_reference_holds_nothing_else() -> None:
    there = {str(f.relative_to(ROOT)) for f in DOCS.glob("*/reference/*")}
    assert there == set(PAGES)


def test_the_readme_has_every_command() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    names = [name.replace("methods apply", "methods FILE") for name, _ in commands()]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_every_key_of_the_configuration_has_a_meaning() -> None:
    silent = [
        f"{heading} {field.encode_name}"
        for heading, shape in shapes()
        for field in shape.fields
        if not below_fields(shape.cls).get(field.name)
    ]
    assert not silent, f"a string below the field in greffe/config/ says what it means: {silent}"
    assert all(shape.cls.__doc__ for _, shape in shapes())


def test_every_reason_has_a_meaning() -> None:
    meaning = below_fields(Reason)
    assert [r.name for r in Reason if not meaning[r.name]] == []


def test_the_french_words_are_those_that_are_asked_for() -> None:
    """Each once, and none of what is no more: tests/docs/french.py."""
    assert set(french.EXITS) == set(Exit) == set(exits.MEANING)
    assert set(french.REASONS) == set(Reason)
    assert set(french.COMMANDS) == {name for name, _ in commands()}
    assert set(french.TABLES) == {heading for heading, _ in shapes() if " " not in heading}


@pytest.mark.parametrize("page", ["docs/en/stuck.md", "docs/fr/coince.md"])
def test_the_morning_has_a_word_for_each_code_and_each_guard(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert [c for c in Exit if f'<a id="code-{c.value}"></a>\n' not in text] == []
    assert [words for words in KINDS.values() if words not in text] == []


def test_french_typography() -> None:
    """A typographic apostrophe, as in the plugin's texts."""
    for text in [
        t for said in (french.EXITS, french.REASONS, french.COMMANDS, french.TABLES) for t in said.values()
    ]:
        assert "'" not in text, text
    assert words("fr").keys() == words("en").keys()


def test_the_sentences_that_the_french_page_translates_are_said() -> None:
    page = (ROOT / "docs/fr/pourquoi.md").read_text(encoding="utf-8")
    table = page.split("| en anglais | en français |")[1].split("##")[0]
    engine = ROOT / "engine/greffe"
    sources = [*(engine / "commands/_explaining").rglob("*.py"), engine / "report/why.py"]
    said = "".join(source.read_text(encoding="utf-8") for source in sources)
    parts = [p for row in table.splitlines()[2:] if row for p in row.split("|")[1].strip().split(" … ")]
    assert len(parts) > 50
    assert [p for p in parts if p not in said] == []
