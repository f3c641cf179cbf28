"""The pages as a whole: no dead link, none that nobody finds, no command and no configuration that is not there."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest

from greffe.cli.app import app
from greffe.config import parse
from tests.docs.pages import DOCS, ROOT, Block, names, page, without_comment

ALL = [*names(), *(str(f.relative_to(ROOT)) for f in (*DOCS.glob("*.md"), *DOCS.glob("decisions/*.md")))]
LANGUAGES = ("en", "fr")


@pytest.mark.parametrize("name", ALL)
def test_links_lead_somewhere(name: str) -> None:
    dead = []
    for target in page(name).links():
        path, _, anchor = target.partition("#")
        file = (ROOT / name).parent / path if path else ROOT / name
        if not file.exists():
            dead.append(target)
        elif anchor and file.suffix == ".md":
            linked = str(file.resolve().relative_to(ROOT))
            if anchor not in page(linked).anchors():
                dead.append(target)
    assert dead == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_index_names_every_page(language: str) -> None:
    """docs/LANGUAGE/README.md: from there each is one step away."""
    index = DOCS / language / "README.md"
    linked = {
        (index.parent / target.partition("#")[0]).resolve()
        for target in page(str(index.relative_to(ROOT))).links()
    }
    there = set((DOCS / language).rglob("*.md")) - {index}
    assert [str(f.relative_to(DOCS)) for f in sorted(there - linked)] == []


def test_both_languages_have_the_same_pages() -> None:
    """The README's table pairs them; an index has as many."""
    counts = {language: len(list((DOCS / language).rglob("*.md"))) for language in LANGUAGES}
    assert len(set(counts.values())) == 1, counts


@pytest.mark.parametrize("name", names())
def test_commands_in_the_text_are_there(name: str) -> None:
    """`greffe plan --out` in a sentence: such a command, and such an option of it."""
    wrong = [span for span in page(name).spans() if (fault := _fault(span)) and not _generic(span, fault)]
    assert wrong == []


def _generic(span: str, fault: str) -> bool:
    """`greffe COMMAND --help`, `greffe --debug …`."""
    return any(word.isupper() or word == "…" for word in span.split()[1:3]) and fault == "command"


def _fault(span: str) -> str:
    try:
        words = shlex.split(without_comment(span.partition(" | ")[0]).replace("…", "X"))[1:]
    except ValueError:
        return "quotes"
    options = [w.partition("=")[0] for w in words if w.startswith("--")]
    context = click.Context(app, info_name="greffe")
    known = _options(app)
    command: click.Command = app
    rest = iter(words)
    for word in rest:
        if word in ("-c", "--config"):
            next(rest, "")
        elif not word.startswith("-") and isinstance(command, click.Group):
            found = command.get_command(context, word)
            if found is None and command is app:
                return "command"
            command = found or command.commands["apply"]  # `greffe methods FILE`
            known |= _options(command)
    if isinstance(command, click.Group):
        known |= {o for sub in command.commands.values() for o in _options(sub)}
    return next((o for o in options if o not in known), "")


def _options(command: click.Command) -> set[str]:
    return {o for p in command.params for o in p.opts} | {"--help", "--version"}


def configurations() -> list[Block]:
    """Every piece of a greffe.toml that a page shows."""
    return [b for n in names() for b in page(n).blocks() if b.language == "toml"]


@pytest.mark.parametrize("block", configurations(), ids=lambda b: f"{b.page}:{b.line}")
def test_configurations_are_such_that_greffe_reads_them(block: Block) -> None:
    """With what the piece leaves out: a site, and the feeds that it speaks of."""
    raw: dict[str, Any] = tomllib.loads(block.text)
    raw.setdefault("moodle", {}).setdefault("type", "pgsql")
    feeds = raw.setdefault("feed", {})
    for name in _named_feeds(raw):
        feeds.setdefault(name, {"csv": "/srv/x.csv", "person": "COD_ETU"})
    parse(raw, f"{block.page}:{block.line}")


def _named_feeds(raw: dict[str, Any]) -> list[str]:
    rules = [rule for key in ("course", "cohort", "link") for rule in raw.get(key, [])]
    named = [rule["feed"] for rule in rules if "feed" in rule]
    others = [feed.get(key) for feed in raw.get("feed", {}).values() for key in ("requires", "years")]
    return named + [other["feed"] for other in others if isinstance(other, dict)]


def test_pictures_are_there() -> None:
    sources = [(n, s) for n in names() for s in re.findall(r'<img src="([^"]+)"', page(n).text)]
    assert sources
    for name, source in sources:
        assert ((ROOT / name).parent / Path(source)).is_file(), f"{name}: {source}"
