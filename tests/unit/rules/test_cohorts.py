"""What one combination of codes says of a cohort, and what several say together."""

from __future__ import annotations

from typing import Any

import pytest

from greffe.config.cohorts import CohortRule
from greffe.errors import FeedError
from greffe.rules.cohorts import Claim, CohortSite, CohortSpec, CompiledCohort, WantedCohort
from greffe.rules.text import RefusedValueError, fold

COLUMNS = ("who", "etp", "year")
SITE = CohortSite(1, lambda field: {"MED": 7} if field == "idnumber" else {"3": 7})


def rule(**options: Any) -> CompiledCohort:
    usual = {"feed": "ia", "idnumber": "{{ etp }}-{{ year }}", "name": "{{ etp }} {{ year }}"}
    return CompiledCohort(CohortRule(**(usual | options)), 2, COLUMNS)


def spec(values: dict[str, str], **options: Any) -> CohortSpec | None:
    return rule(**options).spec({"who": "u", "etp": "", "year": ""} | values, SITE)


def test_a_cohort_of_the_whole_site() -> None:
    assert spec({"etp": "L1MED", "year": "2026"}) == CohortSpec("L1MED-2026", "L1MED 2026", 1, None, True)


def test_only_the_columns_that_templates_name_count() -> None:
    assert rule().columns == {"etp", "year"}
    assert rule(when="who != 'x'").columns == {"who", "etp", "year"}


@pytest.mark.parametrize(("match", "text"), [("idnumber", "MED"), ("id", "3")])
def test_a_cohort_of_a_category(match: str, text: str) -> None:
    found = spec({"etp": "L1", "year": text}, category="{{ year }}", match=match)
    assert found is not None
    assert found.context == 7


def test_an_empty_idnumber_leads_nowhere() -> None:
    assert spec({}, idnumber="{{ etp }}") is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"idnumber": "x" * 101}, "[[cohort]] number 2, idnumber: "),
        ({"idnumber": "a\0b"}, "[[cohort]] number 2, idnumber: "),
        ({"name": "{{ who * 300 }}"}, "[[cohort]] number 2, name: "),
        ({"name": "{{ etp }}"}, "[[cohort]] number 2, name: '' is no name"),
        ({"description": "a\0b"}, "[[cohort]] number 2, description: "),
        ({"category": "NOWHERE"}, "[[cohort]] number 2, category: 'NOWHERE' is the idnumber of no course category"),
        ({"category": "{{ etp }}"}, "[[cohort]] number 2, category: ''"),
    ],
)  # fmt: skip
def test_what_moodle_cannot_hold_is_refused_by_name(options: dict[str, Any], words: str) -> None:
    with pytest.raises(RefusedValueError) as e:
        spec({"year": "2026"}, **options)
    assert str(e.value).startswith(words)


def test_an_unknown_column_is_the_feeds_fault() -> None:
    with pytest.raises(FeedError, match="nope"):
        rule(name="{{ nope }}")


def test_equal_claims_are_one_and_different_ones_stand_side_by_side() -> None:
    wanted = WantedCohort()
    one = CohortSpec("A", "A", 1, None, True)
    wanted.add(Claim(one, "ia", 2, 1), adopt=False)
    wanted.add(Claim(one, "ia", 9, 1), adopt=True)
    assert [c.line for c in wanted.claims] == [2]
    assert wanted.adopt
    other = WantedCohort()
    other.add(Claim(CohortSpec("A", "B", 1, None, True), "rh", 4, 2), adopt=False)
    wanted.merge(other)
    assert [(c.feed, c.line) for c in wanted.claims] == [("ia", 2), ("rh", 4)]
    assert wanted.feeds == {"ia", "rh"}


def test_texts_that_mariadb_takes_for_equal() -> None:
    assert fold("Éa ") == fold("eA")
    assert fold("a b") != fold("ab")
