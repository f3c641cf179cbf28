"""What the lines of a file make of the method instances of a site: pure, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from greffe.methods.asked import Answers, AskedMethod, FileTerms, settle
from greffe.methods.following import Instance
from greffe.methods.relinking import Relinking
from greffe.model import Action, Reason

STUDENT, TEACHER = 5, 3
NAMES = {1: "MED1", 2: "MED2", 3: "MED3", 4: "MED4"}
TD = {(1, "TD1"): 71, (2, "TD1"): 72}


def asked(
    line: int = 2, course: int = 1, source: int = 9, method: str = "cohort", **more: Any
) -> AskedMethod:
    return AskedMethod(line, method, course, source, **more)


def there(enrol: int = 11, course: int = 1, source: int = 9, method: str = "cohort", **more: Any) -> Instance:
    given = {"enabled": True, "group": 0, "role": STUDENT if method == "cohort" else 0}
    return Instance(enrol, course, course * 10, method, source=source, **(given | more))


def settled(
    found: Sequence[Instance],
    *lines: AskedMethod,
    ruled: dict[int, str] | None = None,
    group_names: dict[int, str] | None = None,
) -> tuple[list[Instance], Relinking, Answers]:
    into, answers = Relinking(), Answers()
    terms = FileTerms(
        method=lines[0].method,
        asked=lines,
        ruled=ruled or {},
        groups=TD,
        group_names=group_names or {i: name for (_, name), i in TD.items()},
        contexts={c: c * 10 for c in NAMES},
        names=NAMES,
        default_role=STUDENT,
    )
    return settle(terms, found, into, answers), into, answers


def test_a_new_one_gets_the_defaults_and_belongs_to_nobody() -> None:
    will_be, into, answers = settled([], asked())
    (change,) = into.changes.values()
    assert (change.action, change.reason, change.owner) == (Action.CREATE_METHOD, Reason.ASKED, None)
    assert change.columns == {"status": 0, "roleid": STUDENT, "customint1": 9, "customint2": 0}
    assert will_be[0].enrol < 0
    assert list(answers.changes) == [will_be[0].enrol]


def test_a_meta_link_has_no_role_and_is_found_without_one() -> None:
    _, into, answers = settled([there(method="meta", source=2)], asked(method="meta", source=2, role=STUDENT))
    assert (into.changes, len(answers.already)) == ({}, 1)
    _, into, _ = settled([], asked(method="meta", source=2, role=STUDENT))
    (change,) = into.changes.values()
    assert change.columns["roleid"] == 0


def test_role_group_and_status_really_change() -> None:
    (will_be,), into, _ = settled([there()], asked(role=TEACHER, group="TD1", enabled=False))
    change = into.changes[11]
    assert (change.action, change.shuts) == (Action.DISABLE_METHOD, True)
    assert change.columns == {"roleid": TEACHER, "customint2": 71, "status": 1}
    assert change.was == {"roleid": STUDENT, "customint2": 0, "status": 0}
    assert (will_be.role, will_be.former_role, will_be.group, will_be.enabled) == (
        TEACHER,
        STUDENT,
        71,
        False,
    )


def test_what_a_line_does_not_say_stays() -> None:
    found = [there(enabled=False, role=TEACHER, group=71, fillable=True)]
    will_be, into, answers = settled(found, asked())
    assert (will_be, into.changes, len(answers.already)) == (found, {}, 1)
    _, into, _ = settled(found, asked(group=""))
    assert into.changes[11].columns == {"customint2": 0}


def test_a_group_that_is_not_there_is_one_for_all_who_ask() -> None:
    _, into, _ = settled([], asked(group="Neuf"), asked(3, source=8, group="Neuf"))
    assert list(into.groups.values()) == ["Neuf"]
    assert {c.group for c in into.changes.values()} == {"Neuf"}


def test_a_group_that_is_gone_is_none() -> None:
    _, into, _ = settled([there(group=99)], asked(group=""), group_names={})
    assert into.changes == {}


def test_of_two_groups_with_one_name_the_one_that_is_set_stays() -> None:
    _, into, _ = settled([there(group=77, fillable=True)], asked(group="TD1"), group_names={77: "TD1"})
    assert into.changes == {}


def test_an_update_needs_the_method_and_a_removal_does_not() -> None:
    _, into, answers = settled([], asked(there=True, enabled=False))
    assert into.changes == {}
    assert "nothing to change" in answers.refused[0][1]
    _, into, answers = settled([], asked(gone=True))
    assert (into.changes, len(answers.already), answers.refused) == ({}, 1, [])


def test_a_removal() -> None:
    (will_be,), into, _ = settled([there()], asked(gone=True))
    assert will_be.leaving
    assert into.changes[11].action is Action.DELETE_METHOD
    assert into.changes[11].was == {"status": 0, "roleid": STUDENT, "customint2": 0, "customint1": 9}
    _, into, answers = settled([there()], asked(gone=True, role=TEACHER))
    assert (into.changes, len(answers.already), answers.refused) == ({}, 1, [])


def test_two_methods_with_the_same_cohort_are_told_apart_by_their_roles() -> None:
    two = [there(11), there(12, role=TEACHER)]
    _, into, answers = settled(two, asked(role=STUDENT), asked(3, role=TEACHER, enabled=False))
    assert (list(into.changes), len(answers.already)) == ([12], 1)
    _, into, answers = settled(two, asked(enabled=False))
    assert into.changes == {}
    assert "id 11, id 12" in answers.refused[0][1]


def test_lines_that_want_different_things_are_refused_all_of_them() -> None:
    _, into, answers = settled([], asked(2, role=STUDENT), asked(3, role=TEACHER))
    assert into.changes == {}
    assert [a.line for a, _ in answers.refused] == [2, 3]
    _, into, answers = settled([there()], asked(2, gone=True), asked(3))
    assert (into.changes, len(answers.refused)) == ({}, 2)


def test_a_line_twice_is_one() -> None:
    _, into, answers = settled([], asked(2), asked(3))
    assert len(into.changes) == 1
    assert [[a.line for a in lines] for lines in answers.changes.values()] == [[2, 3]]


def test_what_a_rule_keeps_is_refused_by_its_name() -> None:
    ruled = {11: "[[link]] number 2"}
    _, into, answers = settled([there()], asked(enabled=False), ruled=ruled)
    assert into.changes == {}
    assert answers.refused[0][1].startswith("[[link]] number 2 keeps")
    _, _, answers = settled([there()], asked(), ruled=ruled)
    assert len(answers.already) == 1


def test_circles_of_any_length_are_refused_whatever_the_order() -> None:
    chain = [there(21, 2, 1, "meta"), there(22, 3, 2, "meta")]  # MED1 → MED2 → MED3
    _, into, answers = settled(chain, asked(course=1, source=3, method="meta"))
    assert into.changes == {}
    assert "MED1 → MED2 → MED3 → MED1" in answers.refused[0][1]
    pair = asked(2, 1, 2, "meta"), asked(3, 2, 1, "meta")
    _, into, answers = settled([], *pair)
    assert (into.changes, len(answers.refused)) == ({}, 2)
    _, into, _ = settled(chain, asked(2, 4, 3, "meta"))
    assert len(into.changes) == 1
    _, _, answers = settled([], asked(2, 1, 1, "meta"))
    assert "MED1 → MED1" in answers.refused[0][1]


states = st.lists(
    st.builds(
        there,
        st.integers(11, 99),
        st.integers(1, 2),
        st.integers(8, 9),
        enabled=st.booleans(),
        role=st.sampled_from([STUDENT, TEACHER]),
    ),
    max_size=4,
    unique_by=(lambda i: i.enrol, lambda i: (i.course, i.source, i.role)),
)
lines = st.lists(
    st.builds(
        asked,
        st.integers(2, 50),
        st.integers(1, 2),
        st.integers(8, 9),
        gone=st.booleans(),
        role=st.sampled_from([None, STUDENT, TEACHER]),
        group=st.sampled_from([None, "", "TD1"]),
        enabled=st.sampled_from([None, True, False]),
    ),
    min_size=1,
    max_size=4,
)


@given(states, lines)
def test_a_second_time_there_is_nothing_to_do(found: list[Instance], file: list[AskedMethod]) -> None:
    will_be, _, first = settled(found, *file)
    now = [i for i in will_be if not i.leaving]
    refused = {(a, why) for a, why in first.refused}
    rest = [a for a in file if all(a != other for other, _ in refused)]
    if rest:
        _, again, second = settled(now, *rest)
        assert again.changes == {}
        assert second.refused == []
