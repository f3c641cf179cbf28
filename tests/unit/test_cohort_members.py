"""Members: wanted minus there, by sets; and rows of cohorts column by column."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from greffe.methods.members import CohortRow, diff_members
from greffe.methods.scope import join_ids
from greffe.model import Action, mark

people = st.sets(st.integers(1, 30), max_size=15)


@given(wanted=people, there=people, spared=people)
def test_joining_and_leaving_make_them_equal_but_for_the_spared(
    wanted: set[int], there: set[int], spared: set[int]
) -> None:
    marks = [mark(u, 0, line) for u in sorted(wanted, reverse=True) for line in (9, 2)]
    batches, number = diff_members(marks, join_ids(sorted(there)), spared, (0,))
    members = set(there)
    for batch in batches:
        assert batch.users == sorted(batch.users)
        assert batch.feeds == (0,)
        if batch.action is Action.JOIN_COHORT:
            assert not members.intersection(batch.users)
            assert batch.sources == [2] * len(batch.users)
            members.update(batch.users)
        else:
            assert members.issuperset(batch.users)
            members.difference_update(batch.users)
    assert number == len(there)
    assert members == wanted | (there & spared)


def test_a_row_tells_what_differs_and_whether_it_moved() -> None:
    row = CohortRow(1, 5, "Name", "A", "", 1, "")
    assert row.differs({"name": "Name", "visible": 0, "contextid": 5}) == {"visible": 0}
    assert row.fingerprint("1,2") == row.fingerprint("1,2")
    assert row.fingerprint("1,2") != row.fingerprint("1")
    assert row.fingerprint("") != CohortRow(1, 5, "Name", "A", "", 0, "").fingerprint("")
