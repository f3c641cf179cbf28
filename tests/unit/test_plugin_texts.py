"""The plugin's texts: complete in both languages, in order, and all that pages, checks and settings ask for."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from greffe.model import Action, Reason
from greffe.report.metrics import STATES
from greffe.report.texts import ACTIONS, FIGURES, KINDS, REASONS
from greffe.telling.problems import CAUSES, PROBLEMS
from greffe.telling.words import limit_kind

PLUGIN = Path(__file__).parents[2] / "moodle_plugin" / "local" / "greffe"
TEXT = re.compile(r"^\$string\['([^']+)'\] = '((?:[^'\\]|\\.)*)';$", re.MULTILINE)
ASKED = re.compile(
    r"(?:get_string|lang_string|string_exists)\(\s*'([\w:-]+)',\s*'local_greffe'|"
    r"\{\{#(?:clean)?str\}\}\s*([\w:-]+),\s*local_greffe"
)
TEMPLATES = sorted((PLUGIN / "templates").glob("*.mustache"))


def texts(language: str) -> dict[str, str]:
    """Key → text."""
    file = (PLUGIN / "lang" / language / "local_greffe.php").read_text(encoding="utf-8")
    found = TEXT.findall(file)
    assert len(found) == file.count("\n$string["), "a text that is no plain line"
    keys = [key for key, _ in found]
    assert keys == sorted(set(keys)), "not in alphabetical order, or twice"
    return dict(found)


def test_both_languages_say_the_same() -> None:
    """The same keys, the same places for values."""
    english, french = texts("en"), texts("fr")
    assert english.keys() == french.keys()
    for key, text in english.items():
        places = [set(re.findall(r"\{\$a(?:->\w+)?\}", t)) for t in (text, french[key])]
        assert places[0] == places[1], key


def test_french_typography() -> None:
    """A typographic apostrophe; before : ; ? ! and within « » a space at which no line breaks, but for addresses and times."""
    for key, text in texts("fr").items():
        assert "'" not in text, key
        plain = re.sub(r"Authorization:|https?:", "", text)
        assert not re.search(r"(?<!\N{NO-BREAK SPACE})(?:[:;?!](?:\s|$)|»)|«(?!\N{NO-BREAK SPACE})", plain), (
            key
        )


def test_every_text_that_is_asked_for_is_there() -> None:
    known = texts("en")
    asked = {
        "".join(found): file.name
        for file in (*PLUGIN.rglob("*.php"), *TEMPLATES)
        for found in ASKED.findall(file.read_text(encoding="utf-8"))
    }
    assert len(asked) > 100
    assert {key: file for key, file in asked.items() if key not in known} == {}


def test_the_words_of_the_journal_are_known() -> None:
    """What the engine can write, the pages can say."""
    known = texts("en")
    wanted = (
        {f"action:{a}" for a in Action} | {f"change:{a}" for a in Action} | {f"reason:{r}" for r in Reason}
    )
    wanted |= {f"state:{s}" for s in STATES} | {f"explained:{s}" for s in STATES}
    wanted |= {f"guardkind:{k}" for k in KINDS} | {f"figure:{f}" for f in FIGURES}
    wanted |= {f"level:{level}" for level in ("feed", "course", "cohort")}
    wanted |= {f"checked:{c}" for c in ("night", "guard", "feeds", "relay", "drift", "tables")}
    wanted |= {f"check{c}" for c in ("night", "guard", "feeds", "relay", "drift", "tables")}
    assert wanted <= known.keys(), wanted - known.keys()
    order = (PLUGIN / "classes" / "actions.php").read_text(encoding="utf-8").partition("OF_ENROLMENT")[0]
    assert re.findall(r"'([a-z]+(?:-[a-z]+)?)'", order) == [str(a) for a in ACTIONS]


def test_the_words_are_the_engines_own() -> None:
    """A page and a terminal call the same thing by the same name."""
    known = texts("en")
    for reason, words in REASONS.items():
        assert known[f"reason:{reason}"].replace("’", "'") == words
    for kind, words in KINDS.items():
        assert known[f"guardkind:{kind}"] == words


def test_a_page_and_a_mail_say_the_same_in_french() -> None:
    known = texts("fr")
    for kind in KINDS:
        assert limit_kind(kind, "fr") == known[f"guardkind:{kind}"]


@pytest.mark.parametrize(("kind", "sentences"), [("problem", PROBLEMS), ("cause", CAUSES)])
def test_a_page_says_of_a_feed_what_a_mail_says(kind: str, sentences: dict[str, tuple[str, str]]) -> None:
    """Word for word: by its English text a page finds which sentence it is. Values go by the order of the English ones."""
    for at, language in enumerate(("en", "fr")):
        known = {k: t.replace("\\'", "'") for k, t in texts(language).items() if k.startswith(f"{kind}:")}
        assert {k: re.sub(r"\{\$a->\w\}", "{}", t).replace("\N{NO-BREAK SPACE}", " ") for k, t in known.items()} == {
            f"{kind}:{name}": both[at] for name, both in sentences.items()
        }  # fmt: skip
        for text in known.values():
            places = re.findall(r"\{\$a->(\w)\}", text)
            assert places == list("abcdefg"[: len(places)])
    page = (PLUGIN / "classes" / "output" / "problem.php").read_text(encoding="utf-8")
    listed = re.search(
        rf"const {'SENTENCES' if kind == 'problem' else 'CAUSES'} = \[(.*?)\]", page, re.DOTALL
    )
    assert listed
    assert re.findall(r"'(\w+)'", listed[1]) == list(sentences)


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.stem)
def test_templates_say_what_they_need(file: Path) -> None:
    """Name and example context, as Moodle's template library wants them; every partial is there."""
    text = file.read_text(encoding="utf-8")
    assert f"@template local_greffe/{file.stem}\n" in text
    example = re.search(r"Example context \(json\):\n(.*?)\n\}\}", text, re.DOTALL)
    assert example
    json.loads(example[1])
    for partial in re.findall(r"\{\{>\s*local_greffe/(\w+)\s*\}\}", text):
        assert (PLUGIN / "templates" / f"{partial}.mustache").is_file(), partial
