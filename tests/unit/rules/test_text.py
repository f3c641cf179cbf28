"""Text as it is compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greffe.rules.text import INVISIBLE, clean, lost_zeros, pad


@pytest.mark.parametrize(
    "invisible", [" ", "\t", "\r\n", "\u00a0", "\u202f", "\u2009", "\u200b", "\u2060", "\ufeff"]
)
def test_what_nobody_sees_goes_at_the_ends_and_stays_inside(invisible: str) -> None:
    assert clean(f"{invisible} DRT{invisible}101 {invisible}{invisible}") == f"DRT{invisible}101"


@given(st.text())
def test_clean_is_done_after_once(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert once in text
    assert not once or (once[0] not in INVISIBLE and once[-1] not in INVISIBLE)


@pytest.mark.parametrize(
    ("text", "width", "padded"),
    [
        ("12345", 8, "00012345"),
        ("12345", 0, "12345"),
        ("123456789", 8, "123456789"),
        ("", 8, ""),
        ("E1234", 8, "E1234"),
        ("-12", 8, "-12"),
        ("١٢", 8, "١٢"),
        ("²", 8, "²"),
    ],
)
def test_only_numbers_get_their_zeros_back(text: str, width: int, padded: str) -> None:
    assert pad(text, width) == padded


def test_lost_zeros_are_recognised_by_what_the_site_knows() -> None:
    known = {"00012345", "00012346", "0777", "98765432", "jdupont"}
    assert lost_zeros(["12345", "12346", "777", "nobody", ""], known) == (2, 8)
    assert lost_zeros(["nobody", "99"], known) == (0, 0)
    assert lost_zeros(["12345"], {"98765432"}) == (0, 0)
