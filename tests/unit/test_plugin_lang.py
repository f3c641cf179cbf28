"""The plugin speaks English and French alike."""

from __future__ import annotations

import re

import pytest

from tests.moodle.tree import PLUGIN

LINE = re.compile(r"^\$string\['([^']+)'\] = '((?:[^'\\]|\\.)*)';$", re.MULTILINE)


def strings(language: str) -> list[tuple[str, str]]:
    text = (PLUGIN / f"local/greffe/lang/{language}/local_greffe.php").read_text(encoding="utf-8")
    found = LINE.findall(text)
    assert len(found) == text.count("$string[")
    return found


def test_both_say_everything() -> None:
    english, french = dict(strings("en")), dict(strings("fr"))
    assert english.keys() == french.keys()
    for key, text in english.items():
        wanted = sorted(set(re.findall(r"\{\$a(?:->\w+)?\}", text)))
        assert sorted(set(re.findall(r"\{\$a(?:->\w+)?\}", french[key]))) == wanted, key


@pytest.mark.parametrize("language", ["en", "fr"])
def test_keys_stand_in_order(language: str) -> None:
    keys = [key for key, _ in strings(language)]
    assert keys == sorted(set(keys))


def test_french_has_its_own_apostrophe() -> None:
    for key, text in strings("fr"):
        assert "'" not in text, key
