"""Composite values to the letter: what is written is what is read, and anything else is refused with its reason."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from greffe.feed.supann import Labelled, MalformedError, fields, labelled

DRT101 = (
    "[etab={UAI}0141408E][anneeinsc=2026][regimeinsc={SISE}10][cursusann={SUPANN}L1][diplome={SISE}2300123]"
    "[etape={UAI:0141408E}L1DRT][eltpedago={UAI:0141408E}DRT101]"
)
KEYS = st.from_regex(r"[a-z0-9_]{1,12}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="[]"), max_size=12)
PIECES = st.lists(
    st.sampled_from(["[", "]", "=", "{", "}", "{UAI}", "etape", "a", "A", " ", "\n", "é", "[etape=", "[a=b]"]), max_size=20
).map("".join)  # fmt: skip


def test_the_example_of_the_registrations() -> None:
    assert {key: labelled(value) for key, value in fields(DRT101).items()} == {
        "etab": ("UAI", "0141408E"),
        "anneeinsc": ("", "2026"),
        "regimeinsc": ("SISE", "10"),
        "cursusann": ("SUPANN", "L1"),
        "diplome": ("SISE", "2300123"),
        "etape": ("UAI:0141408E", "L1DRT"),
        "eltpedago": ("UAI:0141408E", "DRT101"),
    }


@given(st.dictionaries(KEYS, TEXTS, min_size=1, max_size=8))
def test_what_is_written_is_what_is_read(parts: dict[str, str]) -> None:
    value = "".join(f"[{key}={text}]" for key, text in parts.items())
    assert fields(value) == parts
    assert parts == fields(re.sub(r"\[[a-z0-9_]+=", lambda m: m[0].upper(), value))


@given(st.one_of(st.text(max_size=40), PIECES))
@example("")
@example(DRT101 + " ")
@example("[a=b][a=c]")
@example("[a=b][A=c]")
def test_nothing_is_understood_that_could_not_be_written_again(value: str) -> None:
    with suppress(MalformedError):
        found = fields(value)
        again = "".join(f"[{key}={text}]" for key, text in found.items())
        assert again == re.sub(r"\[[A-Za-z0-9_]+=", lambda m: m[0].lower(), value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "is empty"),
        ("L1DRT", "is not [key=value][key=value]… from its character 1 on"),
        ("[etape=L1DRT", "is not [key=value][key=value]… from its character 1 on"),
        ("[anneeinsc=2026] [etape=L1DRT]", "is not [key=value][key=value]… from its character 17 on"),
        ("[etape=L1[DRT]]", "is not [key=value][key=value]… from its character 1 on"),
        ("[étape=L1DRT]", "is not [key=value][key=value]… from its character 1 on"),
        ("[anneeinsc=2026][etape=A][etape=B]", "has the field etape twice"),
    ],
)
def test_why_a_value_is_refused(value: str, words: str) -> None:
    with pytest.raises(MalformedError) as caught:
        fields(value)
    assert str(caught.value) == words


@given(st.text(max_size=12), st.text(max_size=12))
def test_a_label_is_what_stands_in_the_first_braces(label: str, text: str) -> None:
    assert labelled(re.sub(r"[{}]", "", text)) == Labelled("", re.sub(r"[{}]", "", text))
    if label and not set("{}") & {*label, *text}:
        assert labelled(f"{{{label}}}{text}") == Labelled(label, text)


@pytest.mark.parametrize("value", ["{UAI", "UAI}X", "{}X", "{{UAI}}X", "{UAI}{X}", "X{UAI}", "{UAI}X}"])
def test_braces_that_are_no_label(value: str) -> None:
    with pytest.raises(MalformedError, match="braces that are no"):
        labelled(value)
