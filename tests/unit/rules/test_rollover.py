"""Templates between two academic years."""

from __future__ import annotations

import pytest

from greffe.errors import ConfigError
from greffe.rules.rollover import turn


def turned(template: str, text: str, old: str = "2025", new: str = "2026") -> str | None:
    return turn(template, "COD_ANU", old, new, "[[cohort]] number 1, idnumber")(text)


@pytest.mark.parametrize(
    ("template", "text", "becomes"),
    [
        ("{{ COD_DIP }}-{{ COD_ANU }}", "MED1-2025", "MED1-2026"),
        ("{{ COD_ANU }}/{{ COD_DIP }}-{{ COD_VRS }}", "2025/MED1-120", "2026/MED1-120"),
        ("{{ COD_ANU }}-{{ COD_ANU|int + 1 }} {{ LIB }}", "2025-2026 Médecine 1", "2026-2027 Médecine 1"),
        ("{{ COD_DIP }}{{ COD_ANU[2:] }}", "MED125", "MED126"),
        ('{{ row["COD_DIP"] }}.{{ row["COD_ANU"] }}', "A.2025", "A.2026"),
        ("{{ COD_DIP|lower }}-{{ COD_ANU }}", "med-2025-2025", "med-2025-2026"),
        ("{{ COD_DIP }}-{{ COD_ANU }}", "MED1-2024", None),
        ("{{ COD_DIP }}-{{ COD_ANU }}", "-2025", None),
        ("L.{{ COD_ANU }}", "Lx2025", None),
        ("{{ COD_DIP }}", "MED1", "MED1"),
    ],
)
def test_a_text_becomes_this_years(template: str, text: str, becomes: str | None) -> None:
    assert turned(template, text) == becomes


def test_whether_the_year_is_in_it() -> None:
    assert turn("{{ A }}-{{ COD_ANU }}", "COD_ANU", "1", "2", "x").yearly
    assert not turn("{{ A }}-2025", "COD_ANU", "1", "2", "x").yearly


@pytest.mark.parametrize(
    ("template", "word"),
    [
        ("{% if A %}{{ COD_ANU }}{% endif %}", "conditions or loops"),
        ("{{ A ~ COD_ANU }}", "mixes COD_ANU with other columns"),
    ],
)
def test_what_cannot_be_told_is_refused(template: str, word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        turned(template, "x")
