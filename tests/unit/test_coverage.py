"""Which cohorts stand behind a list."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from greffe.methods.coverage import cover

people = st.frozensets(st.integers(1, 30))
cohorts = st.dictionaries(st.integers(1, 8), people, max_size=6)


def of(*ids: int) -> frozenset[int]:
    return frozenset(ids)


@given(people, cohorts)
def test_who_is_missing_and_who_is_extra(wanted: frozenset[int], there: dict[int, frozenset[int]]) -> None:
    found = cover(wanted, there)
    if found is None:
        assert all(not members & wanted for members in there.values())
        return
    covered = frozenset[int]().union(*(there[c] for c in found.cohorts))
    assert (found.missing, found.extra) == (wanted - covered, covered - wanted)
    assert found.exact == (covered == wanted)
    # never worse than the best single one
    assert found.off <= min(len(there[c] ^ wanted) for c in there if there[c] & wanted)
    if wanted in there.values():
        assert found.exact
        assert len(found.cohorts) == 1


@given(st.lists(st.frozensets(st.integers(1, 200), min_size=1), min_size=1, max_size=5))
def test_promotions_together_are_found(parts: list[frozenset[int]]) -> None:
    apart = [p - frozenset[int]().union(*parts[:n]) for n, p in enumerate(parts)]
    there = {n: p for n, p in enumerate(apart, 1) if p}
    wanted = frozenset[int]().union(*apart)
    found = cover(wanted, there)
    assert found is not None
    assert found.exact
    assert set(found.cohorts) == there.keys()


def test_the_whole_faculty_is_not_taken_for_a_class() -> None:
    found = cover(of(*range(1, 31)), {1: of(*range(1, 501)), 2: of(*range(1, 30), 99), 3: of(1)})
    assert found is not None
    assert found.cohorts == (2,)
    assert (found.missing, found.extra) == (of(30), of(99))
    assert found.near(30)
    assert not found.near(19)
